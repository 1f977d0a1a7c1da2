import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRecordComposer } from '../contract/leg-record.ts'
import { istInstant } from '../domain/ist.ts'
import type { Leg } from '../domain/leg.ts'
import { writeArchiveParquet } from '../files/archive-parquet.ts'
import { createLegExport } from '../files/leg-export.ts'
import { readArchiveParquet } from '../files/read-archive-parquet.ts'
import type { FileCipher, FileOpener } from '../ports/file-cipher.ts'
import type { JournalRecord } from '../ports/journal.ts'
import { type ArchiveDayDeps, type ArchiveDayOptions, archiveDay } from '../store/archive-day.ts'
import type { UnpackArchived } from '../store/day-archive.ts'
import type { LegHistory } from '../store/day-history.ts'
import { createDayStores, type DayStores } from '../store/day-store.ts'
import { unpackDay } from '../store/unpack-day.ts'
import { eventually } from './eventually.ts'
import { createFakeClock, type FakeClock } from './fake-clock.ts'
import { buildRecords } from './leg-builder.ts'
import { legDigest } from './leg-digest.ts'
import { createMemoryCursors } from './memory-cursors.ts'
import { silentLogger } from './silent-logger.ts'

/** The recorded days of the rig; the first is the one that is archived. */
export const ARCHIVED = '2026-11-23'
export const NEWEST = '2026-11-24'

export const archiveDeps: ArchiveDayDeps = {
  digestOf: legDigest,
  writeParquet: (path, legs, exact) => writeArchiveParquet(path, legs, { compress: true, exact, groupRows: 100 }),
  readParquet: readArchiveParquet,
  cipher: null,
}

/** Unpacks days of the rig in this thread. */
export const unpackerOf =
  (root: string, cipher: FileOpener | null = null): UnpackArchived =>
  (date, to) =>
    unpackDay({ ...archiveDeps, cipher }, { root, date, to })

export const optionsFor = (root: string): ArchiveDayOptions => ({
  ...{ root, date: ARCHIVED, source: 'sim', product: '0.0.0', compress: true, level: 9 },
  now: istInstant(NEWEST, '12:00'),
})

export interface ArchiveRig {
  readonly root: string
  readonly clock: FakeClock
  readonly cursors: ReturnType<typeof createMemoryCursors>
  /** Everything that the first day's legs are. */
  readonly legs: readonly Leg[]
  /** Opens the stores as a new process would; with `cipher` where days are encrypted. */
  open(cipher?: FileCipher): Promise<DayStores>
  archive(): ReturnType<typeof archiveDay>
  dispose(): void
}

/** A data folder below `parent` with two recorded days, their stores and text files; `change` is done to every leg. */
export async function createArchiveRig(
  parent = tmpdir(),
  change: ((leg: Leg) => Leg) | null = null,
): Promise<ArchiveRig> {
  const root = mkdtempSync(join(parent, 'archive-'))
  const clock = createFakeClock(istInstant(NEWEST, '12:00'))
  const cursors = createMemoryCursors()
  const open = async (cipher?: FileCipher) => {
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
    return stores
  }
  const stores = await open()
  const records = buildRecords({ seed: 11, count: 300, startMs: istInstant(ARCHIVED, '23:59:30') })
  await stores.apply(change === null ? records : records.map((record) => withLegs(record, change)))
  const { legs } = stores.legsOfDay(ARCHIVED, { limit: 1e6 })
  clock.advance(60_000)
  await eventually(() => {
    if (stores.sealOf(ARCHIVED) === null) throw new Error('it is not sealed yet')
  })
  await stores.stop()
  writeTexts(root, legs)
  return {
    ...{ root, clock, cursors, legs, open },
    archive: () => archiveDay(archiveDeps, optionsFor(root)),
    dispose: () => rmSync(root, { recursive: true }),
  }
}

function withLegs(record: JournalRecord, change: (leg: Leg) => Leg): JournalRecord {
  const { position, entry } = record
  if (entry.kind !== 'batch') return record
  const legs = createRecordComposer().legsOf(entry, `${position.epoch}-${position.seq}`)
  return { position, entry, legs: legs.map(change) }
}

/** A copy of a rig's folder, for one attempt. */
export function copyOf(root: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'archive-copy-'))
  cpSync(root, copy, { recursive: true })
  return copy
}

function writeTexts(root: string, legs: readonly Leg[]): void {
  mkdirSync(join(root, 'legs', ARCHIVED), { recursive: true })
  for (const format of ['csv', 'jsonl'] as const) {
    const text = createLegExport(format)
    const bytes = Buffer.concat([text.add(legs), text.end()])
    writeFileSync(join(root, 'legs', ARCHIVED, `NIFTY_this_week_${ARCHIVED}.${format}`), bytes)
  }
}

/** What a reader can ask of the archived day, in one value. */
export async function answersOf(history: LegHistory): Promise<Record<string, unknown>> {
  const at = istInstant(ARCHIVED, '23:59:45')
  const day = { from: istInstant(ARCHIVED), to: istInstant(NEWEST) }
  const series = { index: 'NIFTY', bucket: 'this_week', metrics: ['spot', 'pcr_oi', 'gex'], scope: 'full' } as const
  const close = {
    days: history.days(),
    last: history.lastLegPerContract(ARCHIVED, 'NIFTY', 'this_week'),
    ofExpiry: history.lastLegsOfExpiry(ARCHIVED, 'NIFTY', '2026-11-24'),
    smile: history.lastSmile(ARCHIVED, 'NIFTY', '2026-11-24'),
    sample: history.samplesOfDay(ARCHIVED, { ...series, ...day, lastOnly: true }),
    gaps: history.gapsOfDay(ARCHIVED, 'NIFTY', 0, day.to),
    oi: [...history.previousCloseOi(NEWEST, 'NIFTY')],
    from: history.recordedFrom(ARCHIVED),
    written: history.gapsWritten(ARCHIVED),
    until: history.coveredUntil(),
  }
  await history.open(ARCHIVED)
  return {
    ...close,
    legs: history.legsOfDay(ARCHIVED, { limit: 1e6 }).legs,
    page: history.legsOfDay(ARCHIVED, { index: 'NIFTY', bucket: 'this_week', from: at, limit: 7 }),
    chain: history.lastLegPerContract(ARCHIVED, 'NIFTY', 'this_week', at),
    series: history.samplesOfDay(ARCHIVED, { ...series, ...day }),
    counts: history.counts(ARCHIVED),
  }
}
