import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { istInstant } from '../domain/ist.ts'
import { archivePath } from '../store/archive-manifest.ts'
import { createArchiver } from '../store/archiver.ts'
import { ARCHIVED, answersOf, createArchiveRig, optionsFor } from '../testing/archive-rig.ts'
import { eventually } from '../testing/eventually.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { memoryCipher } from '../testing/memory-keyring.ts'
import { mountDiskImage } from '../testing/prove/disk-image.ts'
import { fillDisk } from '../testing/prove/full-disk.ts'
import { Impossible } from '../testing/prove/proof.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { archiveInThread } from './archive-thread.ts'

const WORKER = fileURLToPath(new URL('archive-worker.ts', import.meta.url))
const DISK_MB = 8

const ends: (() => Promise<void> | void)[] = []
afterAll(async () => {
  for (const end of ends.reverse()) await end()
})

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'full-disk-'))
  ends.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** null where this user may not mount one. */
async function mountDisk(): Promise<string | null> {
  try {
    return (await mountDiskImage({ folder, atEnd: (end) => ends.push(end) }, DISK_MB)).path
  } catch (fault) {
    if (!(fault instanceof Impossible)) throw fault
    console.log(`not tried here: ${fault.message}`)
    return null
  }
}

const disk = await mountDisk()

/** The real thread on the real disk. */
async function start() {
  const rig = await createArchiveRig(disk ?? '')
  const cipher = memoryCipher(rig.root)
  const stores = await rig.open(cipher)
  const expected = await answersOf(stores)
  const clock = createFakeClock(istInstant('2026-12-31', '12:00'))
  const key = { found: { key: null, isAbsent: true, sentence: 'there is none' }, dataDir: rig.root } as const
  const deps = {
    ...{ clock, logger: silentLogger, days: stores, caughtUp: () => true, cipher },
    archiveDay: (_: string, signal: AbortSignal) =>
      archiveInThread(WORKER, { ...optionsFor(rig.root), key, compress: false, useMapping: false }, signal),
  }
  const archiver = createArchiver(deps, { root: rig.root, afterDays: 30 })
  await archiver.start()
  onTestFinished(async () => {
    await archiver.stop()
    await stores.stop()
    rig.dispose()
  })
  const ballast = join(disk ?? '', 'ballast')
  onTestFinished(() => rmSync(ballast, { force: true }))
  const online = () =>
    existsSync(join(rig.root, 'store', `${ARCHIVED}.db`)) && readdirSync(join(rig.root, 'legs', ARCHIVED))
  return { rig, stores, expected, clock, archiver, ballast, online }
}
type Rig = Awaited<ReturnType<typeof start>>

async function expectWaiting({ rig, stores, expected, clock, archiver, online }: Rig, before: unknown) {
  await eventually(() => {
    clock.advance(60_000)
    expect(archiver.status().state).toBe('degraded')
  })
  expect(archiver.status()).toMatchObject({ state: 'degraded', issue: 'archive_failed' })
  expect(archiver.status().detail).toMatch(
    new RegExp(`^${ARCHIVED} cannot be archived: cannot write .*Free disk space`),
  )
  expect(online()).toEqual(before)
  expect(existsSync(archivePath(rig.root, ARCHIVED))).toBe(false)
  expect(existsSync(`${archivePath(rig.root, ARCHIVED)}.partial`)).toBe(false)
  expect(await answersOf(stores)).toEqual(expected)
}

describe('a full disk under the archive', () => {
  /** The folder itself finds no room, then the store, Parquet, and the texts. */
  it.skipIf(disk === null).each([0, 200_000, 300_000, 800_000])(
    'with %i bytes left keeps the day online and whole, says what to do, and goes on when there is room (needs mount)',
    async (left) => {
      const run = await start()
      const { clock, ballast, archiver, stores, expected, online } = run
      const before = online()
      const taken = fillDisk(ballast)
      truncateSync(ballast, Math.max(0, taken - left))
      await expectWaiting(run, before)
      rmSync(ballast)
      await eventually(() => {
        clock.advance(60_000)
        expect([archiver.status().state, online()]).toEqual(['running', false])
      })
      expect(await answersOf(stores)).toEqual(expected)
    },
  )
})
