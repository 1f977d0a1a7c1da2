import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { calendarFor } from '../config/load.ts'
import { BUCKETS, type Source } from '../domain/instrument.ts'
import { createLegDigest } from '../files/leg-csv.ts'
import { readArchiveParquet } from '../files/read-archive-parquet.ts'
import { createReferenceArchive } from '../files/reference-archive.ts'
import { parseInstruments } from '../kite/instruments-csv.ts'
import type { FinishedFiles } from '../ports/finished-files.ts'
import { createDayArchive, type DayArchive } from '../store/day-archive.ts'
import { createDayHistory } from '../store/day-history.ts'
import { unpackDay } from '../store/unpack-day.ts'
import { createDayListings } from './day-listings.ts'
import { type ExportProgress, type ExportRequest, planExport } from './export-plan.ts'
import { openPartialFile, type PartialFile } from './partial-file.ts'
import { recordedDays } from './recorded-days.ts'

export interface ExportCommand {
  readonly dataDir: string
  readonly source: Source
  readonly request: ExportRequest
  /** null: to standard output. */
  readonly out: string | null
  readonly now: number
  readonly onProgress: (progress: ExportProgress) => void
  readonly signal: AbortSignal
  /** How archived days are opened. */
  readonly files: FinishedFiles
}

/** Where the record of a source lies. */
export function dataRootOf(dataDir: string, source: Source): string {
  return source === 'kite' ? dataDir : join(dataDir, source)
}

/** A process of its own, whose only work it is. */
const PACE = { page: 5_000, rest: () => setImmediate() }

/**
 * Writes recorded legs to a file, page by page. The file has its name only when it is whole; cancelled or failed,
 * nothing is left. Throws `request_invalid`, `not_on_record`, `file_unwritable` and what the day stores throw.
 */
export async function exportLegs(command: ExportCommand): Promise<ExportProgress> {
  const { dataDir, source, out, signal } = command
  const folder = dataRootOf(dataDir, source)
  const history = createDayHistory(join(folder, 'store'), archiveOf(folder, command.files))
  const reference = createReferenceArchive(
    { parse: async (body, exchange) => (await parseInstruments(body, exchange))?.instruments ?? null },
    { folder, names: new Set() },
  )
  const days = recordedDays(history, createDayListings({ buckets: BUCKETS, reference }))
  let target: PartialFile = STANDARD_OUTPUT
  try {
    // A simulated market has a time of its own: now is when its record ends.
    const now = history.coveredUntil() ?? command.now
    const plan = await planExport({ days, calendar: calendarFor(dataDir), now }, command.request, PACE)
    if (out !== null) target = await openPartialFile(out)
    for await (const bytes of plan.bytes) {
      signal.throwIfAborted()
      await target.write(bytes)
      command.onProgress(plan.progress())
    }
    signal.throwIfAborted()
    await target.finish()
    return plan.progress()
  } catch (fault) {
    await target.discard()
    throw fault
  } finally {
    history.close()
  }
}

/** A process of its own needs no thread for it. */
function archiveOf(root: string, files: FinishedFiles): DayArchive {
  const reading = { digestOf: createLegDigest(), readParquet: readArchiveParquet, ...files }
  return createDayArchive({ root, unpackDay: (date, to) => unpackDay(reading, { root, date, to }) })
}

const STANDARD_OUTPUT: PartialFile = {
  write: (bytes) =>
    new Promise((resolve, reject) => {
      process.stdout.write(bytes, (fault) => (fault ? reject(fault) : resolve()))
    }),
  async finish() {},
  async discard() {},
}
