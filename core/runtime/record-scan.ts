import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { DAY_MS } from '../domain/ist.ts'
import { createLegDigest } from '../files/leg-csv.ts'
import { formOf, packedPath } from '../files/packed-file.ts'
import { verifyLegFile } from '../files/verify-legs.ts'
import { type SegmentState, verifySegments } from '../journal/verify-segments.ts'
import { OpError, toOpError } from '../kernel/errors.ts'
import { encryptedPath } from '../ports/file-cipher.ts'
import type { FinishedFiles } from '../ports/finished-files.ts'
import { listArchived } from '../store/day-archive.ts'
import { dayPath, listDays } from '../store/day-history.ts'
import { type DaySeal, readSeals } from '../store/day-seals.ts'
import { type ArchivedPiece, archivedPieces, manifestPath } from '../store/verify-archive.ts'
import { batchDigestsIn, verifyDaySteps } from '../store/verify-day.ts'
import { verifyMeta } from '../store/verify-meta.ts'

export const SCAN_CLASSES = ['journal', 'seal', 'store', 'meta', 'csv', 'jsonl', 'reference', 'archive'] as const
export type ScanClass = (typeof SCAN_CLASSES)[number]

/** `unverified`: nothing sound is there to hold it against. */
export type ScanState = SegmentState | 'unverified'

export interface ScanItem {
  /** From the folder of the record, with `/`. */
  readonly path: string
  readonly class: ScanClass
  readonly state: ScanState
  /** What it can be made from again. */
  readonly source: 'journal' | 'backup'
  /** Why it is damaged. */
  readonly fault: string | null
}

export interface ScanOptions {
  /**
   * Which finished artefacts are read; all when left out. `place` numbers what belongs together: a day, or a segment
   * from the oldest.
   */
  readonly wanted?: (place: number, path: string) => boolean
  /** Rest after each stretch of work, so that whatever else runs hardly notices. */
  readonly restMs: number
  readonly signal: AbortSignal
  readonly files: FinishedFiles
}

const WORK_MS = 8
const SOURCES: Readonly<Record<ScanClass, ScanItem['source']>> = {
  journal: 'backup',
  seal: 'journal',
  store: 'journal',
  meta: 'backup',
  csv: 'journal',
  jsonl: 'journal',
  reference: 'backup',
  archive: 'backup',
}

/** Reads the record in `root` (DATA_DIR, or `sim/` or `replay/` in it) and says of each file how it stands. */
export async function* scanRecord(root: string, options: ScanOptions): AsyncGenerator<ScanItem> {
  const scan: Scan = { root, wanted: options.wanted ?? (() => true), pause: pauseOf(options), files: options.files }
  yield* scanMeta(scan)
  yield* scanJournal(scan)
  yield* scanDays(scan)
  yield* scanDumps(scan)
  yield* scanArchive(scan)
}

interface Scan {
  readonly root: string
  readonly wanted: (place: number, path: string) => boolean
  readonly pause: () => Promise<void>
  readonly files: FinishedFiles
}

function pauseOf({ restMs, signal }: ScanOptions): () => Promise<void> {
  return async () => {
    await (restMs === 0 ? setImmediate() : setTimeout(restMs))
    signal.throwIfAborted()
  }
}

function itemOf({ root }: Scan, path: string, of: ScanClass, state: ScanState, fault: string | null = null): ScanItem {
  return { path: relative(root, path).split(sep).join('/'), class: of, state, source: SOURCES[of], fault }
}

/** Damaged with the first of the faults, sound without any. */
function verdict(scan: Scan, path: string, of: ScanClass, faults: readonly string[]): ScanItem {
  const [fault = null] = faults
  return itemOf(scan, path, of, fault === null ? 'sound' : 'damaged', fault)
}

/** What cannot be opened is damaged, too. */
async function faultsOf(verify: () => Promise<readonly string[]> | readonly string[]): Promise<readonly string[]> {
  try {
    return await verify()
  } catch (fault) {
    return [toOpError(fault).message]
  }
}

async function* scanMeta(scan: Scan): AsyncGenerator<ScanItem> {
  const path = join(scan.root, 'store', 'meta.db')
  if (existsSync(path)) yield verdict(scan, path, 'meta', await faultsOf(() => verifyMeta(path)))
}

async function* scanJournal(scan: Scan): AsyncGenerator<ScanItem> {
  const segments = verifySegments(join(scan.root, 'journal'), scan.wanted, scan.files)
  for await (const { path, of, state, fault } of segments) {
    yield itemOf(scan, path, of === 'seal' ? 'seal' : 'journal', state, fault)
    await scan.pause()
  }
}

async function* scanDays(scan: Scan): AsyncGenerator<ScanItem> {
  const folder = join(scan.root, 'store')
  const seals = sealsIn(folder)
  for (const date of listDays(folder)) {
    const path = dayPath(folder, date)
    const files = legFiles(scan, date)
    const place = Date.parse(date) / DAY_MS
    if (![path, ...files.map(({ path: file }) => file)].some((one) => scan.wanted(place, one))) continue
    const seal = seals.get(date) ?? null
    const day = seal === null ? itemOf(scan, path, 'store', 'open') : await scanDay(scan, path, seal)
    yield day
    for (const file of files) yield await scanLegs(scan, file, date, day.state)
  }
}

/** None where `meta.db` cannot say: it is damaged itself, and named so. */
function sealsIn(folder: string): ReadonlyMap<string, DaySeal> {
  try {
    return readSeals(join(folder, 'meta.db'))
  } catch {
    // Said of the file itself.
    return new Map()
  }
}

async function scanDay(scan: Scan, path: string, seal: DaySeal): Promise<ScanItem> {
  const faults = await faultsOf(async () => {
    const found = await gently(verifyDaySteps(path, createLegDigest()), scan.pause)
    if (found.faults.length > 0 || found.digest === seal.digest) return found.faults
    return ['it is not the day that was sealed']
  })
  return verdict(scan, path, 'store', faults)
}

async function gently<Result>(steps: Generator<void, Result>, pause: () => Promise<void>): Promise<Result> {
  let since = performance.now()
  try {
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) return step.value
      if (performance.now() - since < WORK_MS) continue
      await pause()
      since = performance.now()
    }
  } catch (fault) {
    // It lets go of its file.
    steps.throw(fault)
    throw fault
  }
}

interface LegFile {
  /** Of the plain file. */
  readonly plain: string
  /** Of the one that is there: plain, compressed, or encrypted. */
  readonly path: string
}

/** CSV and JSONL of a day. */
function legFiles({ root }: Scan, date: string): readonly LegFile[] {
  const folder = join(root, 'legs', date)
  const names = existsSync(folder) ? readdirSync(folder) : []
  const plain = names.flatMap((name) => /^(.+\.(?:csv|jsonl))(?:\.gz(?:\.enc)?)?$/.exec(name)?.[1] ?? [])
  return [...new Set(plain)].sort().map((name) => {
    const whole = join(folder, name)
    return { plain: whole, path: pathOf(whole) }
  })
}

function pathOf(plain: string): string {
  const form = formOf(plain)
  if (form === 'encrypted') return encryptedPath(packedPath(plain))
  return form === 'packed' ? packedPath(plain) : plain
}

async function scanLegs(scan: Scan, { plain, path }: LegFile, date: string, day: ScanState): Promise<ScanItem> {
  const format = plain.endsWith('.csv') ? 'csv' : 'jsonl'
  await scan.pause()
  if (day !== 'sound') return itemOf(scan, path, format, day === 'open' ? 'open' : 'unverified')
  const [, index = '', bucket = ''] = /^([A-Z]+)_(\w+)_\d{4}/.exec(basename(plain)) ?? []
  const store = dayPath(join(scan.root, 'store'), date)
  const verify = () => verifyLegFile(plain, format, batchDigestsIn(store, index, bucket), scan.files)
  try {
    return verdict(scan, path, format, await verify())
  } catch (fault) {
    if (fault instanceof OpError && fault.code === 'data_locked') return itemOf(scan, path, format, 'locked')
    return verdict(scan, path, format, [toOpError(fault).message])
  }
}

const unpack = promisify<Uint8Array, Buffer>(gunzip)

async function* scanDumps(scan: Scan): AsyncGenerator<ScanItem> {
  const folder = join(scan.root, 'reference')
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
  for (const name of names.filter((one) => one.endsWith('.csv.gz')).sort()) {
    const path = join(folder, name)
    const unpacks = async () => {
      await unpack(await readFile(path))
      return []
    }
    yield verdict(scan, path, 'reference', await faultsOf(unpacks))
    await scan.pause()
  }
}

async function* scanArchive(scan: Scan): AsyncGenerator<ScanItem> {
  for (const date of listArchived(scan.root)) {
    const place = Date.parse(date) / DAY_MS
    const pieces = piecesOf(scan, date)
    if (!Array.isArray(pieces)) yield pieces
    else for (const piece of pieces) if (scan.wanted(place, piece.path)) yield await scanPiece(scan, piece)
    await scan.pause()
  }
}

/** The files of an archived day, or what is said of a manifest that does not name them. */
function piecesOf(scan: Scan, date: string): ArchivedPiece[] | ScanItem {
  try {
    return archivedPieces(scan.root, date, scan.files)
  } catch (fault) {
    return verdict(scan, manifestPath(scan.root, date), 'archive', [toOpError(fault).message])
  }
}

async function scanPiece(scan: Scan, { path, fault }: ArchivedPiece): Promise<ScanItem> {
  try {
    const found = await fault((bytes) => paced(bytes, scan.pause))
    return verdict(scan, path, 'archive', found === null ? [] : [found])
  } catch (thrown) {
    if (thrown instanceof OpError && thrown.code === 'data_locked') return itemOf(scan, path, 'archive', 'locked')
    throw thrown
  }
}

async function* paced(bytes: AsyncIterable<Uint8Array>, pause: () => Promise<void>): AsyncGenerator<Uint8Array> {
  let since = performance.now()
  for await (const chunk of bytes) {
    yield chunk
    if (performance.now() - since < WORK_MS) continue
    await pause()
    since = performance.now()
  }
}
