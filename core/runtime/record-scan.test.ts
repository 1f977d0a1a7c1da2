import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS, istInstant } from '../domain/ist.ts'
import { packFile } from '../files/packed-file.ts'
import { nodeDisk } from '../journal/disk.ts'
import { packSegment } from '../journal/pack.ts'
import { listSegments } from '../journal/segment-name.ts'
import { openPlainFile } from '../platform/plain-file.ts'
import type { FileCipher } from '../ports/file-cipher.ts'
import type { OpenFileReader } from '../ports/file-reader.ts'
import type { Projection } from '../ports/projection.ts'
import { archiveDay, encryptArchived } from '../store/archive-day.ts'
import { archivePath, parquetName, readManifest } from '../store/archive-manifest.ts'
import { createMetaStore } from '../store/meta-store.ts'
import { unpackDay } from '../store/unpack-day.ts'
import { archiveDeps, optionsFor } from '../testing/archive-rig.ts'
import { eventually } from '../testing/eventually.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { batchEntry } from '../testing/journal-builders.ts'
import { createJournalFolder, type JournalFolder } from '../testing/journal-files.ts'
import { buildRecords } from '../testing/leg-builder.ts'
import { type MemoryKey, memoryCipher, newMemoryKey } from '../testing/memory-keyring.ts'
import { createProjections } from '../testing/prove/recorder-parts.ts'
import { createRecordedMetrics } from '../testing/recorded-metrics.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { chooseFileAccess } from './file-access.ts'
import { createRecordCheck } from './record-check.ts'
import { type ScanItem, scanRecord } from './record-scan.ts'

const MONDAY = '2026-11-23'
const NIGHT = istInstant('2026-11-24', '02:00')
const monday = buildRecords({ seed: 8, count: 60, startMs: istInstant(MONDAY, '10:00') })
const tuesday = buildRecords({ seed: 9, count: 4, startMs: istInstant('2026-11-24', '01:00') }).map((record) => ({
  ...record,
  position: { ...record.position, epoch: 2 },
  legs: null,
}))

describe('a look through the record', () => {
  let journal: JournalFolder
  let root: string
  let held: MemoryKey
  let cipher: FileCipher
  beforeEach(async () => {
    journal = await createJournalFolder()
    root = dirname(journal.path)
    held = newMemoryKey()
    cipher = memoryCipher(root, true, held)
    for (const first of [1, 10, 20]) {
      const opened = await journal.open()
      for (let n = first; n < first + 5; n += 1) opened.append(batchEntry(n))
      await opened.stop()
    }
    const meta = createMetaStore({ folder: root })
    await meta.start()
    const clock = createFakeClock(NIGHT)
    const isOver = () => false
    const projections = createProjections({ folder: root, clock, cursors: meta.cursors, isOver })
    for (const one of projections) await take(one)
    await eventually(() => {
      clock.advance(60_000)
      expect(meta.cursors.load(`store:seal:${MONDAY}`)).not.toBeNull()
    })
    for (const one of projections) await one.stop()
    await meta.stop()
  })
  afterEach(() => journal.dispose())

  async function take(projection: Projection) {
    await projection.start()
    await projection.apply([...monday, ...tuesday])
    await projection.flush()
  }

  async function scan(
    wanted?: (place: number) => boolean,
    openFinished?: OpenFileReader,
  ): Promise<readonly ScanItem[]> {
    const items: ScanItem[] = []
    const options = { restMs: 0, signal: new AbortController().signal, files: { cipher, openFinished } }
    for await (const item of scanRecord(root, { ...options, ...(wanted === undefined ? {} : { wanted }) }))
      items.push(item)
    return items
  }

  it('reads what is encrypted, and says which needs a key that is not there', async () => {
    const never = new AbortController().signal
    const plain = [...legs('.csv'), ...legs('.jsonl')]
    for (const path of plain) await packFile(path, 6, never)
    const segments = await listSegments(journal.path, 1)
    for (const { path } of segments) expect(await packSegment(nodeDisk, path, 6, never)).toBe('packed')
    for (const path of [...plain, ...segments.map((one) => one.path)]) await cipher.encrypt(`${path}.gz`, never)
    const encrypted = (items: readonly ScanItem[]) => items.filter(({ path }) => path.endsWith('.gz.enc'))
    const sound = encrypted(await scan())
    expect(sound).toHaveLength(plain.length + segments.length)
    expect(new Set(sound.map(({ state }) => state))).toEqual(new Set(['sound']))
    held.key = null
    const locked = encrypted(await scan())
    expect(locked.map(({ path }) => path)).toEqual(sound.map(({ path }) => path))
    expect(new Set(locked.map(({ state }) => state))).toEqual(new Set(['locked']))
  })

  it('holds every file of an archived day against its manifest, in both forms', async () => {
    const options = { ...optionsFor(root), date: MONDAY }
    const { files } = await archiveDay({ ...archiveDeps, cipher }, options)
    const never = new AbortController().signal
    const archived = (items: readonly ScanItem[]) => items.filter(({ class: of }) => of === 'archive')
    const states = async () => archived(await scan()).map(({ path, state }) => `${basename(path)} ${state}`)
    expect(await states()).toEqual(files.map(({ name }) => `${name} sound`))
    await encryptArchived(cipher, root, MONDAY, never)
    const form = (name: string) => (name.endsWith('.closing.db') ? name : `${name}.enc`)
    expect(await states()).toEqual(files.map(({ name }) => `${form(name)} sound`))
    const { key } = held
    held.key = null
    const locked = files.map(({ name }) => `${form(name)} ${form(name) === name ? 'sound' : 'locked'}`)
    expect(await states()).toEqual(locked)
    held.key = key
    const folder = archivePath(root, MONDAY)
    spoil(join(folder, form(`${MONDAY}.db.gz`)))
    rmSync(join(folder, form(parquetName(MONDAY))))
    const damaged = archived(await scan()).filter(({ state }) => state === 'damaged')
    expect(damaged.map(({ path, fault, source }) => [basename(path), fault, source])).toEqual([
      [form(`${MONDAY}.db.gz`), expect.stringContaining('cannot be decrypted'), 'backup'],
      [parquetName(MONDAY), 'it is missing', 'backup'],
    ])
    writeFileSync(join(folder, 'manifest.json'), '{}')
    expect(archived(await scan())).toMatchObject([{ path: expect.stringMatching(/manifest\.json$/), state: 'damaged' }])
    const stopped = new AbortController()
    stopped.abort(new Error('stopped'))
    const looking = async () => {
      for await (const _ of scanRecord(root, { restMs: 0, signal: stopped.signal, files: { cipher } }));
    }
    await expect(looking()).rejects.toThrow('stopped')
  })

  const store = () => join(root, 'store', `${MONDAY}.db`)
  const legs = (ending: string) =>
    readdirSync(join(root, 'legs', MONDAY))
      .filter((name) => name.endsWith(ending))
      .map((name) => join(root, 'legs', MONDAY, name))

  /** Turns a digit in the middle into another one. */
  function spoil(path: string) {
    const bytes = readFileSync(path)
    const at = bytes.findIndex((byte, place) => place > bytes.length / 2 && byte >= 0x31 && byte <= 0x38)
    bytes[at] = (bytes[at] ?? 0) ^ 1
    writeFileSync(path, bytes)
  }

  it('finds a sound record sound, and passes over what is still written to', async () => {
    const items = await scan()
    const states = (of: string) =>
      [...new Set(items.filter((item) => item.class === of).map(({ state }) => state))].sort()
    expect(states('meta')).toEqual(['sound'])
    expect(states('journal')).toEqual(['sound'])
    expect(states('store')).toEqual(['open', 'sound'])
    expect(states('csv')).toEqual(['open', 'sound'])
    expect(states('jsonl')).toEqual(['open', 'sound'])
    expect(items.filter(({ path }) => path.includes(MONDAY)).every(({ state }) => state === 'sound')).toBe(true)
  })

  it('reads only what is wanted of what is finished', async () => {
    expect((await scan(() => false)).map(({ class: of }) => of)).toEqual(['meta'])
  })

  it('names what is damaged, and what it can be made from', async () => {
    const [csv = ''] = legs('.csv')
    const [jsonl = ''] = legs('.jsonl')
    const [segment = ''] = readdirSync(join(journal.path, '1')).filter((name) => name.endsWith('.log'))
    for (const path of [csv, jsonl, join(journal.path, '1', segment)]) spoil(path)
    const damaged = (await scan()).filter(({ state }) => state === 'damaged')
    expect(damaged.map(({ class: of, source }) => [of, source])).toEqual([
      ['journal', 'backup'],
      ['csv', 'journal'],
      ['jsonl', 'journal'],
    ])
    for (const { fault } of damaged) expect(fault).not.toBeNull()
  })

  it('misses a segment that is gone with its seal', async () => {
    rmSync(join(journal.path, '2'), { recursive: true })
    const damaged = (await scan()).filter(({ state }) => state === 'damaged')
    expect(damaged.map(({ class: of, fault }) => [of, fault])).toEqual([['seal', 'the seal before it is another one']])
  })

  it('names a seal that is damaged', async () => {
    const [seal = ''] = readdirSync(join(journal.path, '1')).filter((name) => name.endsWith('.seal'))
    const text = readFileSync(join(journal.path, '1', seal), 'latin1')
    writeFileSync(join(journal.path, '1', seal), text.replace(/"count":\d/, '"count":9'), 'latin1')
    const damaged = (await scan()).filter(({ state }) => state === 'damaged')
    expect(damaged.map(({ class: of, path }) => [of, path])).toEqual([['seal', `journal/1/${seal}`]])
  })

  it('does not hold files against a day that is damaged itself', async () => {
    rmSync(store(), { force: true })
    writeFileSync(store(), 'no database')
    const items = (await scan()).filter(({ path }) => path.includes(MONDAY))
    expect(items[0]).toMatchObject({ class: 'store', state: 'damaged', source: 'journal' })
    expect(new Set(items.slice(1).map(({ state }) => state))).toEqual(new Set(['unverified']))
  })

  it('opens what is finished as it is told to, and finds the same', async () => {
    await archiveDay({ ...archiveDeps, cipher }, { ...optionsFor(root), date: MONDAY })
    const plainly = await scan()
    const { openFinished = openPlainFile } = await chooseFileAccess(true)
    const opened: string[] = []
    const recording: OpenFileReader = (path) => {
      opened.push(basename(path))
      return openFinished(path)
    }
    expect(await scan(undefined, recording)).toEqual(plainly)
    const { files } = readManifest(root, MONDAY)
    const texts = plainly.map(({ path }) => path).filter((path) => path.startsWith(`legs/${MONDAY}`))
    expect(texts).toHaveLength(8)
    const finished = [...texts.map((path) => basename(path)), ...files.map(({ name }) => name)]
    expect(opened).toEqual(expect.arrayContaining(finished))
    expect(opened.some((name) => name.endsWith('.log'))).toBe(true)
    opened.length = 0
    const to = join(root, 'unpacked.db')
    await unpackDay({ ...archiveDeps, cipher, openFinished: recording }, { root, date: MONDAY, to })
    expect(opened).toEqual([`${MONDAY}.db.gz`, parquetName(MONDAY)])
  })

  it('sees that a sealed day was put in the place of another', async () => {
    const meta = createMetaStore({ folder: root })
    await meta.start()
    meta.cursors.save(`store:seal:${MONDAY}`, JSON.stringify({ digest: 'ab', sealedAt: 1 }))
    await meta.stop()
    const items = await scan()
    expect(items.find(({ path }) => path === `store/${MONDAY}.db`)?.fault).toMatch('not the day that was sealed')
  })

  describe('each night', () => {
    async function night(at: number) {
      const meta = createMetaStore({ folder: root })
      await meta.start()
      const clock = createFakeClock(at)
      const metrics = createRecordedMetrics()
      const deps = { clock, metrics, logger: silentLogger, cursors: meta.cursors, quiet: () => true, files: { cipher } }
      const check = createRecordCheck(deps, { root, at: '02:00' })
      await check.start()
      return {
        check,
        metrics,
        look: () => clock.advance(60_000),
        async stop() {
          await check.stop()
          await meta.stop()
        },
      }
    }

    it('waits for its hour', async () => {
      const { check, look, stop } = await night(istInstant('2026-11-24', '01:50'))
      look()
      await stop()
      expect(check.status()).toMatchObject({ state: 'running', issue: null, detail: 'Not checked yet.' })
    })

    it('says that all is sound, and when it looked', async () => {
      const { check, look, stop } = await night(NIGHT)
      look()
      await eventually(() =>
        expect(check.status().detail).toMatch(/^Checked 2026-11-24 02:01: \d+ files, all sound\.$/),
      )
      await stop()
    })

    it('is degraded by damage, with what to do, until it is gone', async () => {
      const [csv = ''] = legs('.csv')
      const sound = readFileSync(csv)
      spoil(csv)
      const first = await night(NIGHT)
      first.look()
      await eventually(() => expect(first.check.status()).toMatchObject({ state: 'degraded', issue: 'record_damaged' }))
      expect(first.check.status().detail).toMatch(/^legs\/.*\.csv is damaged: .*optrade export legs/)
      expect(first.metrics.value('op_record_damaged_files', {})).toBe(1)
      await first.stop()
      // The next night is not this day's turn, but what was damaged is looked at again.
      writeFileSync(csv, sound)
      const second = await night(NIGHT + DAY_MS)
      expect(second.check.status().state).toBe('degraded')
      second.look()
      await eventually(() => expect(second.check.status().state).toBe('running'))
      await second.stop()
    })
  })
})
