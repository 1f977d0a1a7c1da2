import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync, constants as zlib, zstdCompressSync } from 'node:zlib'
import type { Leg } from '../core/domain/leg.ts'
import { writeArchiveParquet } from '../core/files/archive-parquet.ts'
import { type LegCursor, openDayReader } from '../core/store/day-reader.ts'
import type { Arena, Figures, SeenBenchmark } from './harness.ts'
import { ended, folderFor, startProduct } from './programs.ts'

const DATE = '2026-11-23'
/** Faster, several packets of a contract would come between two flushes and make one leg. */
const SPEED = 1
const RUN_MS = 150_000
/** As CONTRACT.md counts a day of default legs. */
const LEGS_A_DAY = 2.8e6
const PAGE = 20_000

function legsOf(path: string): Leg[] {
  const reader = openDayReader(path)
  const all: Leg[] = []
  try {
    for (let after: LegCursor | null = null; ; ) {
      const { legs, next } = reader.legs({ limit: PAGE, ...(after === null ? {} : { after }) })
      all.push(...legs)
      if (next === null) return all
      after = next
    }
  } finally {
    reader.close()
  }
}

/** What the files of a folder whose names end so hold together. */
function contentOf(folder: string, ending: string): Buffer {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending))
  return Buffer.concat(names.sort().map((name) => readFileSync(join(folder, name))))
}

const gzip = (bytes: Uint8Array, level: number) => gzipSync(bytes, { level }).length
const zstd = (bytes: Uint8Array) => zstdCompressSync(bytes, { params: { [zlib.ZSTD_c_compressionLevel]: 3 } }).length

const BEFORE = 'all before the night'
const AFTER = 'all after it was archived'
const JOURNAL = 'journal, compressed'
const ARCHIVE = 'archive'
const PARQUET = 'archive: Parquet'
const CSV_ZSTD = 'CSV with zstd 3'

/** Sizes of what a run of the product left, as they are and as the night makes them. */
async function weigh(root: string): Promise<Figures> {
  const store = join(root, 'store', `${DATE}.db`)
  const legs = legsOf(store)
  const parquet = join(root, 'legs.parquet')
  await writeArchiveParquet(parquet, legs, { compress: true })
  const text = join(root, 'legs', DATE)
  const csv = contentOf(text, '.csv')
  const jsonl = contentOf(text, '.jsonl')
  const journal = contentOf(join(root, 'journal', '1'), '.log')
  const day = readFileSync(store)
  const before = { journal: journal.length, 'day store': day.length, CSV: csv.length, JSONL: jsonl.length }
  const archived = {
    [PARQUET]: statSync(parquet).size,
    'archive: day store, gzip 9': gzip(day, 9),
    'archive: CSV, gzip 9': gzip(csv, 9),
    'archive: JSONL, gzip 9': gzip(jsonl, 9),
  }
  const sum = (sizes: Figures) => Object.values(sizes).reduce((total, size) => total + size, 0)
  const journalAfter = gzip(journal, 6)
  const all: Figures = {
    ...{ ...before, [BEFORE]: sum(before), ...archived, [ARCHIVE]: sum(archived) },
    ...{ [JOURNAL]: journalAfter, [AFTER]: sum(archived) + journalAfter, [CSV_ZSTD]: zstd(csv) },
  }
  return Object.fromEntries(Object.entries(all).map(([name, size]) => [name, size / legs.length]))
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
      within(AFTER, after.name, 1, null),
      within(ARCHIVE, after.name, null, null),
      within(PARQUET, CSV_ZSTD, 0.5, 0.3),
    ],
    async close() {},
  }
}

export const disk: SeenBenchmark = {
  name: 'disk',
  title: 'Bytes on the disk',
  description: `What the product (\`optrade run\`, default settings and all file writers, ${(RUN_MS * SPEED) / 60_000} minutes of the simulated market) leaves for each leg, as it
is written and as it is kept after the day was archived. A day of ${LEGS_A_DAY / 1e6} million legs may take 2.5 GB before the night and 0.4 GB
after it (CONTRACT.md); the journal goes \`RECOVERY_LOG_RETENTION_DAYS\` after its day was archived, and with it what point-in-time
recovery needs.`,
  figures: 'bytes a leg',
  rounds: 1,
  open,
}
