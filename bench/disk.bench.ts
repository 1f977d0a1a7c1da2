import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync, constants as zlib, zstdCompressSync } from 'node:zlib'
import Sqlite from 'better-sqlite3'
import { writeArchiveParquet } from '../core/files/archive-parquet.ts'
import { createLegDigest } from '../core/files/leg-csv.ts'
import { readArchiveParquet } from '../core/files/read-archive-parquet.ts'
import { nodeDisk } from '../core/journal/disk.ts'
import { packSegment } from '../core/journal/pack.ts'
import { packedPath } from '../core/journal/segment-name.ts'
import { type ArchiveDayDeps, archiveDay } from '../core/store/archive-day.ts'
import type { ArchivedFile } from '../core/store/archive-manifest.ts'
import { readPosition } from '../core/store/day-file.ts'
import { digestSteps, sealFile } from '../core/store/day-seal.ts'
import { stepThrough } from '../core/store/verify-day.ts'
import type { Arena, Figures, SeenBenchmark } from './harness.ts'
import { ended, folderFor, startProduct } from './programs.ts'

const DATE = '2026-11-23'
/** Faster, several packets of a contract would come between two flushes and make one leg. */
const SPEED = 1
const RUN_MS = 150_000
/** As CONTRACT.md counts a day of default legs. */
const LEGS_A_DAY = 2.8e6
/** A segment of the journal, plain until it is full (core/journal/file-journal.ts). */
const OPEN_SEGMENT = 64 * 1024 * 1024

/** What the files of a folder whose names end so hold together. */
function contentOf(folder: string, ending: string): Buffer {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending))
  return Buffer.concat(names.sort().map((name) => readFileSync(join(folder, name))))
}

/** COMPRESSION_LEVEL's default. */
const gzip = (bytes: Uint8Array) => gzipSync(bytes, { level: 6 }).length
const zstd = (bytes: Uint8Array) => zstdCompressSync(bytes, { params: { [zlib.ZSTD_c_compressionLevel]: 3 } }).length

/** As the journal's packer leaves the segments of a run. */
async function packedJournal(folder: string): Promise<number> {
  let bytes = 0
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.log'))) {
    const path = join(folder, name)
    await packSegment(nodeDisk, path, 6, new AbortController().signal)
    bytes += statSync(packedPath(path)).size
  }
  return bytes
}

/** As the product does when the day is over. */
function seal(path: string): void {
  const database = new Sqlite(path)
  const last = readPosition(database)
  const digest = stepThrough(digestSteps(database))
  database.close()
  if (!sealFile(path, last, digest)) throw new Error(`${path} was not sealed`)
}

const archiving: ArchiveDayDeps = {
  digestOf: createLegDigest(),
  readParquet: readArchiveParquet,
  writeParquet: (path, legs, exact) => writeArchiveParquet(path, legs, { compress: true, exact }),
  cipher: null,
}

const sum = (sizes: Figures) => Object.values(sizes).reduce((total, size) => total + size, 0)

const BEFORE = 'before the night'
const COMPRESSED = 'before the night, COMPRESSION_ENABLED'
const JOURNAL = 'journal, segments that are full compressed'
const ARCHIVE = 'archive'
const AFTER = 'archive, and the journal that is still kept'
const PARQUET = 'archive: Parquet'
const CSV_ZSTD = 'CSV with zstd 3'

/** Bytes a leg of what a run of the product left: as they are by day, and as the archive has them. */
async function weigh(root: string): Promise<Figures> {
  const journal = await packedJournal(join(root, 'journal', '1'))
  const text = join(root, 'legs', DATE)
  const csv = contentOf(text, '.csv')
  const jsonl = contentOf(text, '.jsonl')
  const store = join(root, 'store', `${DATE}.db`)
  seal(store)
  const online = statSync(store).size
  const day = { root, date: DATE, source: 'sim', product: 'bench', now: 0, compress: true, level: 9 }
  const { legs, files } = await archiveDay(archiving, day)
  const each = (bytes: number) => bytes / legs
  const once = (bytes: number) => bytes / LEGS_A_DAY
  const sizeOf = (is: (file: ArchivedFile) => boolean) =>
    files.filter(is).reduce((total, { bytes }) => total + bytes, 0)
  const kept = { [JOURNAL]: each(journal), 'journal, the segment that is open': once(OPEN_SEGMENT) }
  const plain = { ...kept, 'day store': each(online), CSV: each(csv.length), JSONL: each(jsonl.length) }
  const packed = { 'CSV, gzip 6': each(gzip(csv)), 'JSONL, gzip 6': each(gzip(jsonl)) }
  const archived = {
    [PARQUET]: each(sizeOf(({ name }) => name.endsWith('.parquet'))),
    'archive: day store without its legs, gzip 9': each(sizeOf(({ name }) => name.endsWith('.db.gz'))),
    'archive: CSV, gzip 9': each(sizeOf(({ name }) => name.endsWith('.csv.gz'))),
    'archive: JSONL, gzip 9': each(sizeOf(({ name }) => name.endsWith('.jsonl.gz'))),
    'archive: what stood at the close': once(sizeOf(({ name }) => name.endsWith('.closing.db'))),
  }
  return {
    ...{ ...plain, [BEFORE]: sum(plain), ...packed },
    [COMPRESSED]: sum({ ...kept, store: plain['day store'], ...packed }),
    ...{ ...archived, [ARCHIVE]: sum(archived), [AFTER]: sum(archived) + each(journal) },
    [CSV_ZSTD]: each(zstd(csv)),
  }
}

async function runDay(): Promise<Figures> {
  const folder = folderFor('disk')
  try {
    const { child, found } = startProduct(folder, { SIM_SPEED: String(SPEED), SIM_AT: `${DATE}T10:00+05:30` })
    await found
    await pause(RUN_MS)
    await ended(child)
    return await weigh(join(folder, 'data', 'sim'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const gigabytes = (size: number) => ({ name: `${size} GB a day`, figure: (size * 1e9) / LEGS_A_DAY })

async function open(): Promise<Arena> {
  const [before, after] = [gigabytes(2.5), gigabytes(0.4)]
  const within = (of: string, to: string, pass: number | null, ambitious: number | null) =>
    ({ text: `${of} / ${to}`, of, to, better: 'lower', pass, ambitious }) as const
  return {
    contestants: [{ name: 'a day', run: runDay }],
    allowances: [before, after],
    claims: [
      within(BEFORE, before.name, 1, null),
      within(COMPRESSED, before.name, 1, null),
      within(ARCHIVE, after.name, 1, null),
      within(AFTER, after.name, 1, null),
      within(PARQUET, CSV_ZSTD, 0.5, 0.3),
    ],
    async close() {},
  }
}

export const disk: SeenBenchmark = {
  name: 'disk',
  title: 'Bytes on the disk',
  description: `What the product (\`optrade run\`, default settings and all file writers, ${(RUN_MS * SPEED) / 60_000} minutes of the simulated market) leaves for each leg: by
day, when of the journal only the segment that is being written is plain, and in the archive, as the product itself writes it. What
a day has once (that segment, at its largest, and what stood at the close) is divided by the legs of a day. A day of ${LEGS_A_DAY / 1e6} million
legs may take 2.5 GB before the night and 0.4 GB after it (CONTRACT.md); its journal goes \`RECOVERY_LOG_RETENTION_DAYS\` after it was
archived, and with it what point-in-time recovery needs.`,
  figures: 'bytes a leg',
  rounds: 1,
  open,
}
