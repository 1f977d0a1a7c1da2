import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import { type OpError, toOpError } from '../kernel/errors.ts'
import { createTurn } from '../kernel/turn.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { Position } from '../ports/journal.ts'
import { fileLength } from './adopt-file.ts'
import { type Checkpoint, type FileMark, loadCheckpoint, saveCheckpoint } from './line-checkpoint.ts'
import { unwritable } from './line-file.ts'
import { dayOf, type OpenFiles } from './open-files.ts'
import { formOf, packedLength } from './packed-file.ts'

/** Days whose files the checkpoint keeps track of; older files are complete, synced, and left alone. */
const TRACKED_DAYS = 8

/** Moves the durable cursor of a folder of line files, always after the files. */
export interface Checkpointer {
  /** What is safe. */
  saved(): Checkpoint
  /**
   * Takes up the saved checkpoint: files longer than it says are cut back to it. When one is missing or shorter,
   * it is forgotten and the position becomes null. Returns the paths that are lost so.
   */
  restore(): readonly string[]
  /** Makes a file known before its first byte is written. */
  register(path: string, mark: FileMark): void
  /**
   * Makes everything appended safe, then moves the position to what `reached` says at the moment of the call's turn.
   * One runs at a time. A failed write may be tried again; a failed sync may not (see `fatal`).
   */
  run(reached: () => Position | null, closeAll?: boolean): Promise<void>
  /** Why only a restart helps: after a failed sync the kernel forgets what it could not write. */
  fatal(): OpError | null
}

/** The days written to last; `files` is in the order of their last writing. */
function tracked(files: ReadonlyMap<string, FileMark>): Map<string, FileMark> {
  const days = new Set([...files.keys()].reverse().map(dayOf))
  const kept = [...days].slice(0, TRACKED_DAYS)
  return new Map([...files].filter(([path]) => kept.includes(dayOf(path))))
}

/** `files` with `changed` moved to its end. */
function updated(files: ReadonlyMap<string, FileMark>, changed: Iterable<readonly [string, FileMark]>) {
  const next = new Map(files)
  for (const [path, mark] of changed) {
    next.delete(path)
    next.set(path, mark)
  }
  return tracked(next)
}

/** Cuts a file back to what is known to be safe; false when it is missing or shorter. */
function cutBack(path: string, bytes: number): boolean {
  try {
    const form = formOf(path)
    // What is compressed was complete: another length is another file. What is encrypted opens under its name alone.
    if (form === 'packed') return packedLength(path) === bytes % 2 ** 32
    if (form === 'encrypted') return true
    const length = fileLength(path) ?? 0
    if (length > bytes) truncateSync(path, bytes)
    return length >= bytes
  } catch (fault) {
    throw unwritable(path, fault)
  }
}

export interface CheckpointerOptions {
  /** Of the cursor. */
  readonly name: string
  readonly folder: string
  /** Days whose files lie in the archive, or were deleted: they are not missed. */
  readonly isClosed: (date: string) => boolean
}

export function createCheckpointer(
  cursors: Cursors,
  { name: cursorName, folder, isClosed }: CheckpointerOptions,
  files: OpenFiles,
): Checkpointer {
  let saved: Checkpoint = { position: null, files: new Map() }
  let fatal: OpError | null = null
  const inTurn = createTurn()

  const save = (checkpoint: Checkpoint) => {
    saveCheckpoint(cursors, cursorName, checkpoint)
    saved = checkpoint
  }
  const runNow = async (reached: () => Position | null, closeAll: boolean) => {
    if (fatal !== null) throw fatal
    files.flush()
    // From here to the sync nothing else runs: position and marks belong together.
    const position = reached()
    const marks = files.marks()
    await files.sync().catch((fault: unknown) => {
      fatal = toOpError(fault)
      throw fatal
    })
    if (position !== saved.position || marks.length > 0) save({ position, files: updated(saved.files, marks) })
    files.closeFinished(closeAll)
  }

  return {
    saved: () => saved,
    fatal: () => fatal,
    restore() {
      const loaded = loadCheckpoint(cursors, cursorName)
      if (loaded === null) return []
      const kept = new Map([...loaded.files].filter(([path]) => !isClosed(dayOf(path))))
      const lost = [...kept].filter(([path, mark]) => !cutBack(join(folder, path), mark.bytes))
      for (const [path] of lost) kept.delete(path)
      saved = { position: loaded.position, files: kept }
      if (lost.length > 0) save({ position: null, files: kept })
      return lost.map(([path]) => path)
    },
    register(path, mark) {
      save({ ...saved, files: updated(saved.files, [[path, mark]]) })
    },
    run: (reached, closeAll = false) => inTurn(() => runNow(reached, closeAll)),
  }
}
