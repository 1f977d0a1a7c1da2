import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { calendarFor } from '../config/load.ts'
import type { ExportFormat, LegsQuery } from '../contract/legs.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import type { Source } from '../domain/instrument.ts'
import { createLegExport } from '../files/leg-export.ts'
import { OpError } from '../kernel/errors.ts'
import { createDayHistory } from '../store/day-history.ts'
import { legPages } from './leg-pages.ts'
import { selectionOf } from './recorded-legs.ts'

export interface ExportRequest {
  readonly dataDir: string
  readonly source: Source
  readonly index: IndexName
  readonly query: Pick<LegsQuery, 'bucket' | 'from' | 'to' | 'strike' | 'right'>
  readonly format: ExportFormat
  /** null: to standard output. */
  readonly out: string | null
  readonly now: number
  readonly onProgress: (progress: ExportProgress) => void
  readonly signal: AbortSignal
}

export interface ExportProgress {
  readonly legs: number
  readonly bytes: number
  /** Receipt of the newest leg, epoch milliseconds. */
  readonly until: number | null
}

/** Where the record of a source lies. */
export function dataRootOf(dataDir: string, source: Source): string {
  return source === 'kite' ? dataDir : join(dataDir, source)
}

/** Rows that are read, and held in memory, at once. */
const PAGE = 5_000

/**
 * Writes recorded legs to a file, page by page. The file has its name only when it is whole; cancelled or failed,
 * nothing is left. Throws `request_invalid`, `file_unwritable` and what the day stores throw.
 */
export async function exportLegs(request: ExportRequest): Promise<ExportProgress> {
  const { dataDir, source, out, signal } = request
  const history = createDayHistory(join(dataRootOf(dataDir, source), 'store'))
  let target: Target = standardOutput()
  try {
    // A simulated market has a time of its own: now is when its record ends.
    const now = history.coveredUntil() ?? request.now
    const selection = selectionOf(request.index, request.query, now, calendarFor(dataDir))
    if (out !== null) target = await partialFile(out)
    const pages = legPages(history, selection, PAGE)
    const progress = await copy(pages, request, target.write)
    signal.throwIfAborted()
    await target.finish()
    return progress
  } catch (fault) {
    await target.discard()
    throw fault
  } finally {
    history.close()
  }
}

async function copy(
  pages: ReturnType<typeof legPages>,
  { format, onProgress, signal }: ExportRequest,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<ExportProgress> {
  const file = createLegExport(format)
  let progress: ExportProgress = { legs: 0, bytes: 0, until: null }
  const put = async (bytes: Uint8Array) => {
    await write(bytes)
    progress = { ...progress, bytes: progress.bytes + bytes.length }
  }
  for (const legs of pages) {
    signal.throwIfAborted()
    await put(file.add(legs))
    progress = { ...progress, legs: progress.legs + legs.length, until: legs.at(-1)?.ts ?? progress.until }
    onProgress(progress)
    // Signals and timers have their turn between two pages.
    await setImmediate()
  }
  await put(file.end())
  return progress
}

interface Target {
  write(bytes: Uint8Array): Promise<void>
  finish(): Promise<void>
  discard(): Promise<void>
}

async function partialFile(path: string): Promise<Target> {
  const partial = `${path}.partial`
  const guarded = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    try {
      return await run()
    } catch (fault) {
      const reason = fault instanceof Error ? fault.message : String(fault)
      throw new OpError('file_unwritable', { path, reason }, { cause: fault })
    }
  }
  const handle = await guarded(() => open(partial, 'w'))
  return {
    write: (bytes) => guarded(() => handle.writeFile(bytes)),
    finish: () =>
      guarded(async () => {
        await handle.sync()
        await handle.close()
        await rename(partial, path)
      }),
    async discard() {
      await handle.close().catch(() => {})
      await rm(partial, { force: true })
    },
  }
}

function standardOutput(): Target {
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        process.stdout.write(bytes, (fault) => (fault ? reject(fault) : resolve()))
      }),
    async finish() {},
    async discard() {},
  }
}
