import type { Position } from '../ports/journal.ts'
import type { LineFile } from '../ports/line-file.ts'
import type { FileMark } from './line-checkpoint.ts'

/** A file that is being written. `mark` is of its last line; `dirty` while it holds what was never synced. */
export interface OpenFile {
  readonly file: LineFile
  mark: Omit<FileMark, 'bytes'>
  dirty: boolean
}

/** How many legs of the batch at `position` the file already has. */
export function rowsDone(mark: OpenFile['mark'], position: Position): number {
  const ahead = mark.epoch - position.epoch || mark.seq - position.seq
  if (ahead > 0) return Number.POSITIVE_INFINITY
  return ahead === 0 ? mark.rows : 0
}

/** The trading day in a relative path. */
export const dayOf = (path: string) => path.split('/')[1] ?? ''

/** The files that are being written, by relative path, in the order in which they were opened. */
export interface OpenFiles {
  get(path: string): OpenFile | undefined
  count(): number
  open(path: string, mark: FileMark): OpenFile
  /** Passes on what buffers hold back. */
  flush(): void
  marks(): [string, FileMark][]
  /** Syncs what is dirty; rejects with the first fault after all have ended. */
  sync(): Promise<void>
  /** Closes what is clean and of another day than the newest; every clean file with `all`. */
  closeFinished(all: boolean): void
  /** Closes everything as it is. */
  closeAll(): void
}

export function createOpenFiles(openFile: (path: string, keepBytes: number) => LineFile): OpenFiles {
  const files = new Map<string, OpenFile>()
  return {
    get: (path) => files.get(path),
    count: () => files.size,
    open(path, { bytes, ...mark }) {
      const opened: OpenFile = { file: openFile(path, bytes), mark, dirty: false }
      files.set(path, opened)
      return opened
    },
    flush() {
      for (const { file } of files.values()) file.flush()
    },
    marks: () => [...files].map(([path, { file, mark }]) => [path, { bytes: file.size(), ...mark }]),
    async sync() {
      const dirty = [...files.values()].filter((target) => target.dirty)
      for (const target of dirty) target.dirty = false
      const outcomes = await Promise.allSettled(dirty.map((target) => target.file.sync()))
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      if (failed !== undefined) throw failed.reason
    },
    closeFinished(all) {
      const newest = dayOf([...files.keys()].at(-1) ?? '')
      for (const [path, target] of files) {
        if (target.dirty || (!all && dayOf(path) === newest)) continue
        target.file.close()
        files.delete(path)
      }
    },
    closeAll() {
      for (const { file } of files.values()) file.close()
      files.clear()
    },
  }
}
