import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { z } from 'zod'
import type { Exchange } from '../domain/index-catalog.ts'
import type { Instrument } from '../domain/instrument.ts'
import { type DayChanges, instrumentChanges } from '../domain/instrument-changes.ts'
import { OpError } from '../kernel/errors.ts'
import { createTurn } from '../kernel/turn.ts'
import { replaceWhole } from './packed-file.ts'

export interface ReferenceArchiveDeps {
  /** Reads a dump as its exchange wrote it; null when it is none. */
  readonly parse: (body: string, exchange: Exchange) => Promise<readonly Instrument[] | null>
}

export interface ReferenceArchiveOptions {
  /** The folder that holds `reference/`. */
  readonly folder: string
  /** Underlyings whose changes are told, as the dump names them. */
  readonly names: ReadonlySet<string>
}

/** One exchange's dump as it came, and what was read from it. */
export interface ArrivedDump {
  readonly exchange: Exchange
  readonly body: string
  readonly sha256: string
  readonly instruments: readonly Instrument[]
}

/**
 * Every day's instruments dump, as it came: `reference/<date>/<EXCHANGE>.csv.gz`, and what it changed against the last
 * day that has one: `<EXCHANGE>.changes.json`. Another dump of the same day is kept as `<EXCHANGE>_2.csv.gz` and so on.
 */
export interface ReferenceArchive {
  /** Keeps a dump, once; resolves when it is safe. Throws `file_unwritable`. */
  keep(date: string, dump: ArrivedDump): Promise<void>
  /** The first dump of that day; null when there is none. Throws `file_unreadable`. */
  read(date: string, exchange: Exchange): Promise<readonly Instrument[] | null>
  /** What the first dump of that day has changed; null while that is not known. */
  changes(date: string, exchange: Exchange): Promise<DayChanges | null>
}

const DATE = /^\d{4}-\d{2}-\d{2}$/
const pack = promisify<Uint8Array, Buffer>(gzip)
const unpack = promisify<Uint8Array, Buffer>(gunzip)

export function createReferenceArchive(deps: ReferenceArchiveDeps, options: ReferenceArchiveOptions): ReferenceArchive {
  const root = join(options.folder, 'reference')
  const inTurn = createTurn()
  const read: ReferenceArchive['read'] = async (date, exchange) => {
    const body = await bodyAt(join(root, date, `${exchange}.csv.gz`))
    return body === null ? null : deps.parse(body, exchange)
  }
  const keep = async (date: string, dump: ArrivedDump) => {
    const folder = join(root, date)
    await mkdir(folder, { recursive: true })
    const name = await freeName(folder, dump)
    if (name === null) return
    await replaceWhole(join(folder, `${name}.csv.gz`), await pack(Buffer.from(dump.body)))
    const earlier = await lastBefore(root, date, dump.exchange)
    const before = earlier === null ? null : await read(earlier, dump.exchange)
    const changes = before === null ? null : instrumentChanges(before, dump.instruments, { date, names: options.names })
    const report = { ...head(date, dump), previous: before === null ? null : earlier, changes } satisfies ChangesFile
    await replaceWhole(join(folder, `${name}.changes.json`), Buffer.from(`${JSON.stringify(report, null, 1)}\n`))
  }
  return {
    read,
    keep: (date, dump) => inTurn(() => keep(date, dump)),
    changes: (date, exchange) => changesAt(join(root, date, `${exchange}.changes.json`)),
  }
}

interface ChangesFile extends DayChanges {
  readonly exchange: Exchange
  readonly date: string
  readonly sha256: string
  readonly rows: number
}

function head(date: string, { exchange, sha256, instruments }: ArrivedDump) {
  return { exchange, date, sha256, rows: instruments.length }
}

const keptSchema = z.object({ sha256: z.string() }).loose()

const expiry = { name: z.string(), expiry: z.string() }
const numbers = z.array(z.number())
const changesSchema: z.ZodType<DayChanges> = z.object({
  previous: z.string().nullable(),
  changes: z
    .object({
      expiries: z.object({
        added: z.array(z.object(expiry)),
        removed: z.array(z.object(expiry)),
        // Files of earlier versions do not tell it.
        moved: z.array(z.object({ name: z.string(), before: z.string(), after: z.string() })).default([]),
      }),
      lots: z.array(z.object({ ...expiry, before: z.number(), after: z.number() })),
      strikes: z.array(z.object({ ...expiry, added: numbers, removed: numbers })),
      reused_tokens: z.array(z.object({ token: z.number(), before: z.string(), after: z.string() })),
    })
    .nullable(),
})

/** null when there is no such file, or none that can be read: it is told, and never relied on. */
async function changesAt(path: string): Promise<DayChanges | null> {
  try {
    return changesSchema.safeParse(JSON.parse(await readFile(path, 'utf8'))).data ?? null
  } catch {
    return null
  }
}

/** The name under which a dump is to be kept; null when it is there already, whole. */
async function freeName(folder: string, { exchange, sha256 }: ArrivedDump): Promise<string | null> {
  const names = await readdir(folder)
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? exchange : `${exchange}_${number}`
    if (!names.includes(`${name}.csv.gz`)) return name
    const body = await bodyAt(join(folder, `${name}.csv.gz`))
    const same = body !== null && createHash('sha256').update(body).digest('hex') === sha256
    // Killed between the two files: the second one is made again.
    if (same) return (await isTold(join(folder, `${name}.changes.json`))) ? null : name
  }
}

async function isTold(path: string): Promise<boolean> {
  try {
    return keptSchema.safeParse(JSON.parse(await readFile(path, 'utf8'))).success
  } catch {
    // Missing or cut: either way it is to be made.
    return false
  }
}

/** The newest day before `date` that has a dump of the exchange. */
async function lastBefore(root: string, date: string, exchange: Exchange): Promise<string | null> {
  const days = (await readdir(root)).filter((day) => DATE.test(day) && day < date).sort()
  for (const day of days.reverse()) {
    if ((await readdir(join(root, day))).includes(`${exchange}.csv.gz`)) return day
  }
  return null
}

/** null when there is no such file. */
async function bodyAt(path: string): Promise<string | null> {
  try {
    return (await unpack(await readFile(path))).toString('utf8')
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return null
    const reason = fault instanceof Error ? fault.message : String(fault)
    throw new OpError('file_unreadable', { path, reason }, { cause: fault })
  }
}
