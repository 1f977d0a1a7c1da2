import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRecordComposer } from '../contract/leg-record.ts'
import { istInstant } from '../domain/ist.ts'
import type { FileCipher } from '../ports/file-cipher.ts'
import {
  ARCHIVED,
  type ArchiveRig,
  answersOf,
  archiveDeps,
  copyOf,
  createArchiveRig,
  optionsFor,
  unpackerOf,
} from '../testing/archive-rig.ts'
import { eventually } from '../testing/eventually.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { legDigest } from '../testing/leg-digest.ts'
import { createMemoryCursors } from '../testing/memory-cursors.ts'
import { knownMemoryKey, memoryCipher } from '../testing/memory-keyring.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { storedBytes, sumOf } from './archive-bytes.ts'
import { archiveDay, encryptArchived, removeArchived } from './archive-day.ts'
import { archivePath, readManifest } from './archive-manifest.ts'
import { createArchiver } from './archiver.ts'
import { createDayStores } from './day-store.ts'

const CHILD = fileURLToPath(new URL('../testing/archive-killed.ts', import.meta.url))
const TOGETHER = 2
const LAST = 12

let rig: ArchiveRig
let expected: Record<string, unknown>
beforeAll(async () => {
  rig = await createArchiveRig()
  const stores = await rig.open()
  expected = await answersOf(stores)
  await stores.stop()
})
afterAll(() => rig.dispose())

/** Works in a process of its own that is killed at a call; returns how many there were when it was not. */
async function killedAt(what: 'archive' | 'encrypt', root: string, call: number): Promise<number | null> {
  const child = spawn(process.execPath, [CHILD, root, String(call), what], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  expect(status).toBe(call === 0 ? 0 : null)
  return call === 0 ? Number(said) : null
}

async function openAt(root: string, cipher?: FileCipher) {
  const cursors = createMemoryCursors()
  for (const name of ['store:days', `store:seal:${ARCHIVED}`]) cursors.save(name, rig.cursors.load(name) ?? '')
  const clock = createFakeClock(istInstant('2026-12-31', '12:00'))
  const deps = {
    clock,
    logger: silentLogger,
    cursors,
    durable: () => null,
    ...createRecordComposer(),
    digestOf: legDigest,
    unpackDay: unpackerOf(root, cipher),
  }
  const stores = createDayStores(deps, { folder: root })
  await stores.start()
  return { clock, stores }
}

/** What a new process finds, and what it makes of it: the files of the archive. */
async function checkAndComplete(root: string) {
  const { clock, stores } = await openAt(root)
  expect(await answersOf(stores)).toEqual(expected)
  const archiver = createArchiver(
    {
      ...{ clock, logger: silentLogger, days: stores, caughtUp: () => true },
      archiveDay: () => archiveDay(archiveDeps, optionsFor(root)),
      cipher: memoryCipher(root, false),
    },
    { root, afterDays: 30 },
  )
  await archiver.start()
  await eventually(() => {
    clock.advance(60_000)
    expect(existsSync(join(root, 'store', `${ARCHIVED}.db`))).toBe(false)
  })
  expect(existsSync(join(root, 'legs', ARCHIVED))).toBe(false)
  await archiver.stop()
  expect(archiver.last()?.date).toBe(ARCHIVED)
  expect(await answersOf(stores)).toEqual(expected)
  await stores.stop()
  const { files } = readManifest(root, ARCHIVED)
  return files.map(({ name, from, plain }) => (from === null ? name : { name, from, plain }))
}

describe('killed while it archives', () => {
  it('leaves the online or the archived day whole, and the next run completes it', { timeout: 300_000 }, async () => {
    const attempt = async (call: number) => {
      const root = copyOf(rig.root)
      const calls = await killedAt('archive', root, call)
      const files = await checkAndComplete(root)
      rmSync(root, { recursive: true })
      return { calls, files }
    }
    const whole = await attempt(0)
    const calls = whole.calls ?? 0
    expect(calls).toBeGreaterThan(2 * LAST)
    expect(whole.files).toHaveLength(5)
    // A few on the way, and each of the last: the folder gets its name, and the online files go one by one.
    const points = [2, Math.floor(calls / 3), Math.floor((2 * calls) / 3), ...range(calls - LAST + 1, calls)]
    for (let at = 0; at < points.length; at += TOGETHER) {
      const ends = await Promise.all(points.slice(at, at + TOGETHER).map(attempt))
      for (const { files } of ends) expect(files).toEqual(whole.files)
    }
  })
})

describe('killed while it encrypts the archive', () => {
  it('leaves every file whole in one form, and the next run completes it', { timeout: 120_000 }, async () => {
    const { files } = await archiveDay(archiveDeps, optionsFor(rig.root))
    await removeArchived(rig.root, ARCHIVED, null)
    const attempt = async (call: number) => {
      const root = copyOf(rig.root)
      const calls = await killedAt('encrypt', root, call)
      const cipher = memoryCipher(root, true, knownMemoryKey())
      for (const { name, bytes, sha256 } of files) {
        const found = await sumOf(await storedBytes(join(archivePath(root, ARCHIVED), name), { cipher }))
        expect({ name, ...found }).toEqual({ name, bytes, sha256 })
      }
      const { stores } = await openAt(root, cipher)
      expect(await answersOf(stores)).toEqual(expected)
      await encryptArchived(cipher, root, ARCHIVED, new AbortController().signal)
      await stores.stop()
      const closed = files.map(({ name, from }) =>
        name.endsWith('.closing.db') && from === null ? name : `${name}.enc`,
      )
      expect(readdirSync(archivePath(root, ARCHIVED)).sort()).toEqual([...closed, 'manifest.json'].sort())
      rmSync(root, { recursive: true })
      return calls
    }
    const calls = (await attempt(0)) ?? 0
    expect(calls).toBeGreaterThan(4 * files.length)
    // Every moment of the first file, and one of the second; all go the same way.
    const points = range(1, Math.ceil(calls / (files.length - 1)) + 1)
    for (let at = 0; at < points.length; at += TOGETHER) await Promise.all(points.slice(at, at + TOGETHER).map(attempt))
  })
})

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, k) => from + k)
}
