import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** The file before is kept beside it, so that both together take twice as much. */
const MOST_BYTES = 5 * 1024 * 1024

/**
 * Lines of the log in `logs/desktop.log` below the folder of data, for an application that nobody started from a
 * terminal. Nothing is made where that folder is not there (yet).
 */
export function createLogFile(dataDir: string, mostBytes = MOST_BYTES): (line: string) => void {
  const folder = join(dataDir, 'logs')
  const path = join(folder, 'desktop.log')
  let bytes: number | null = null
  return (line) => {
    if (!existsSync(dataDir)) return
    try {
      mkdirSync(folder, { recursive: true })
      bytes ??= statSync(path, { throwIfNoEntry: false })?.size ?? 0
      if (bytes > 0 && bytes + Buffer.byteLength(line) > mostBytes) {
        renameSync(path, join(folder, 'desktop.1.log'))
        bytes = 0
      }
      appendFileSync(path, line)
      bytes += Buffer.byteLength(line)
    } catch {
      // A full or broken disk: the recording says so itself, and the log page has the line.
      bytes = null
    }
  }
}
