import { join } from 'node:path'
import type { Source } from '../domain/instrument.ts'
import { istDate } from '../domain/ist.ts'
import type { BatchEntry } from '../domain/journal-entry.ts'
import type { Leg } from '../domain/leg.ts'
import type { Clock } from '../kernel/clock.ts'
import { toOpError } from '../kernel/errors.ts'
import { once, type Unsubscribe } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import { createTurn } from '../kernel/turn.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { FileCipher } from '../ports/file-cipher.ts'
import type { OpenFileReader } from '../ports/file-reader.ts'
import type { JournalRecord, Position } from '../ports/journal.ts'
import type { LineFile, OpenLineFile } from '../ports/line-file.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { Projection } from '../ports/projection.ts'
import { adoptFile } from './adopt-file.ts'
import { type Checkpointer, createCheckpointer } from './checkpointer.ts'
import { type Finished, finishedFiles } from './finished-files.ts'
import { createLegWriter } from './leg-writer.ts'
import { bufferLines, countBytes, openLineFile } from './line-file.ts'
import type { LineFormat } from './line-format.ts'
import { createOpenFiles, type OpenFile, type OpenFiles, rowsDone } from './open-files.ts'
import { formOf, isPacked, packedPath, packFile, unpackFile } from './packed-file.ts'

export interface LineProjectionDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly cursors: Cursors
  /** The legs of a batch read back from the record. */
  readonly legsOf: (entry: BatchEntry, batch: string) => readonly Leg[]
  readonly metrics?: Metrics
  /** How files are written; default: by the file system's own calls. */
  readonly openFile?: OpenLineFile
  /** How files of finished days are read; default: by the file system's own calls. */
  readonly openFinished?: OpenFileReader
  /** Encrypts finished files where that is asked for, and opens those that are. */
  readonly cipher?: FileCipher
}

export interface LineProjectionOptions {
  /** The folder that holds `legs/`. */
  readonly folder: string
  /** Whose data this is: keeps the cursors of live, simulated and replayed files apart. */
  readonly source: Source
  readonly bufferBytes: number
  /** How long a line may wait in the buffer; default 1000. */
  readonly flushMs?: number
  /** How often files are synced and the cursor moves; default 5000, since forty files take forty syncs. */
  readonly checkpointMs?: number
  /** Open handles at most; default 64. */
  readonly maxOpenFiles?: number
  /** Days whose files lie in the archive, or were deleted: they are not missed, and nothing is written to them. */
  readonly isClosed?: (date: string) => boolean
  /** Compress files of days that are over, and encrypt them where that is asked for; left out, files stay plain. */
  readonly finished?: Finished
}

/** Relative path of a batch's file, with `/` on every platform: it is also the key in the checkpoint. */
function pathOf(entry: BatchEntry, format: LineFormat): string {
  const date = istDate(entry.ts)
  return `legs/${date}/${entry.index}_${entry.bucket}_${date}.${format.name}`
}

/** Opens real files with what every one of them is wrapped in. */
function fileOpener(deps: LineProjectionDeps, format: LineFormat, options: LineProjectionOptions) {
  const { metrics, openFile = openLineFile } = deps
  return (path: string, keepBytes: number): LineFile => {
    const file = openFile(join(options.folder, path), keepBytes)
    return bufferLines(metrics === undefined ? file : countBytes(file, metrics, format.name), options.bufferBytes)
  }
}

/** Appends the legs that the file does not have yet. After a fault the same record goes on where it stopped. */
function appendBatch(target: OpenFile, format: LineFormat, position: Position, legs: readonly Leg[]): void {
  const { epoch, seq } = position
  target.dirty = true
  const done = rowsDone(target.mark, position)
  const result = createLegWriter(target.file, format).processAndWrite(legs.slice(done))
  const rows = done + result.legs_written
  if (rows > 0) target.mark = { epoch, seq, rows }
  if (!result.success) throw result.fault
}

function isBefore(a: Position, b: Position | null): boolean {
  return b !== null && (a.epoch < b.epoch || (a.epoch === b.epoch && a.seq < b.seq))
}

/** How often finished files are looked for. */
const PACK_MS = 60_000

interface Timed {
  readonly flush: () => void
  readonly checkpoint: () => Promise<void>
  readonly pack: (finished: Finished) => Promise<void>
}

/** Flushes, checkpoints and compresses by the clock. A fault is logged when it begins; the next `apply` or `flush` meets it again. */
function startTimers(
  { clock, logger }: LineProjectionDeps,
  { flushMs = 1000, checkpointMs = 5000, finished }: LineProjectionOptions,
  name: string,
  { flush, checkpoint, pack }: Timed,
): Unsubscribe[] {
  let failing = false
  const failed = (fault: unknown) => {
    if (!failing) logger.warning(`${name} files cannot be written`, { error: toOpError(fault).message })
    failing = true
  }
  const flushNow = () => {
    try {
      flush()
    } catch (fault) {
      failed(fault)
    }
  }
  const checkpointNow = () => {
    checkpoint().then(() => {
      failing = false
    }, failed)
  }
  const packNow = () => {
    if (finished !== undefined) pack(finished).catch(failed)
  }
  return [clock.every(flushMs, flushNow), clock.every(checkpointMs, checkpointNow), clock.every(PACK_MS, packNow)]
}

/** The open file of a path, opened, adopted and made known where it was not. */
function openTarget(
  path: string,
  files: OpenFiles,
  checkpointer: Checkpointer,
  adopt: (path: string) => ReturnType<typeof adoptFile>,
): OpenFile {
  const opened = files.get(path)
  if (opened !== undefined) return opened
  const known = checkpointer.saved().files.get(path)
  if (known !== undefined) return files.open(path, known)
  const mark = adopt(path)
  checkpointer.register(path, mark)
  return files.open(path, mark)
}

/**
 * Legs as lines, a file per index, bucket and trading day: `legs/YYYY-MM-DD/<INDEX>_<bucket>_<YYYY-MM-DD>.<format>`.
 *
 * Exactly once: the checkpoint holds the position and how far each file went when both were safe, and it knows a
 * file before its first line is written. On start a file longer than its mark is cut back, and the journal brings
 * the rest again. A file that is missing or shorter, or a cursor that was reset, makes the position null: the
 * whole journal comes by, each file passes over what it already has and takes what it lacks. A file that the
 * checkpoint does not know was complete and synced, so its own last lines say how far it goes. Nothing is ever
 * rewritten from a journal that may no longer reach back far enough.
 *
 * Files of days that are over may be compressed and encrypted; a record that still comes for one brings the plain file back.
 *
 * After a failed sync every call rejects: only a restart from the checkpoint is sound then.
 */
export function createLineProjection(
  deps: LineProjectionDeps,
  format: LineFormat,
  options: LineProjectionOptions,
): Projection {
  const { folder, source, maxOpenFiles = 64, isClosed = () => false } = options
  const { cipher = null } = deps
  const files = createOpenFiles(fileOpener(deps, format, options))
  const checkpointer = createCheckpointer(deps.cursors, { name: `${format.name}:${source}`, folder, isClosed }, files)
  let applied: Position | null = null
  let timers: Unsubscribe[] = []
  const stopping = new AbortController()
  const inTurn = createTurn()
  const reached = () => applied
  const adopt = (path: string) => adoptFile(join(folder, path), format, deps.logger)

  const applyBatch = async (entry: BatchEntry, position: Position, legs: JournalRecord['legs']) => {
    if (isClosed(istDate(entry.ts))) return
    const path = pathOf(entry, format)
    const known = files.get(path)?.mark ?? checkpointer.saved().files.get(path)
    if (known !== undefined && rowsDone(known, position) >= entry.rows.length) return
    if (files.get(path) === undefined && files.count() >= maxOpenFiles) await checkpointer.run(reached, true)
    if (files.get(path) === undefined && isPacked(join(folder, path)))
      await unpackFile(join(folder, path), { cipher, openFinished: deps.openFinished })
    const target = openTarget(path, files, checkpointer, adopt)
    if (rowsDone(target.mark, position) < entry.rows.length)
      appendBatch(target, format, position, legs ?? deps.legsOf(entry, `${position.epoch}-${position.seq}`))
  }
  const applyAll = async (records: readonly JournalRecord[]) => {
    const fatal = checkpointer.fatal()
    if (fatal !== null) throw fatal
    for (const { entry, position, legs } of records) {
      if (entry.kind === 'batch') await applyBatch(entry, position, legs)
      if (!isBefore(position, applied)) applied = position
    }
  }
  const finishFile = async (path: string, { level }: Finished) => {
    if (formOf(path) === 'plain') await packFile(path, level, stopping.signal, deps.openFinished)
    if (cipher?.encrypts() === true && formOf(path) === 'packed')
      await cipher.encrypt(packedPath(path), stopping.signal)
  }
  /** One file at a time, so that records never wait for more than that. */
  const packFinished = async (finished: Finished) => {
    for (const path of await finishedFiles(folder, format.name, finished, cipher?.encrypts() === true)) {
      if (stopping.signal.aborted) return
      await inTurn(async () => {
        await checkpointer.run(reached, true)
        if (files.get(path) === undefined) await finishFile(join(folder, path), finished)
      }).catch((fault: unknown) => {
        if (!stopping.signal.aborted) throw fault
      })
    }
  }

  return {
    name: format.name,
    position: () => checkpointer.saved().position,
    async start() {
      const lost = checkpointer.restore()
      if (lost.length > 0) deps.logger.warning('missing files come back from the journal', { files: lost })
      applied = checkpointer.saved().position
      timers = startTimers(deps, options, format.name, {
        flush: files.flush,
        checkpoint: () => checkpointer.run(reached),
        pack: packFinished,
      })
    },
    apply: (records) => inTurn(() => applyAll(records)),
    flush: () => checkpointer.run(reached),
    stop: once(async () => {
      for (const cancel of timers) cancel()
      stopping.abort()
      await inTurn(async () => {})
      await checkpointer.run(reached).finally(files.closeAll)
    }),
  }
}
