import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { OpError } from '../kernel/errors.ts'
import type { LineFile, OpenLineFile } from '../ports/line-file.ts'
import type { Metrics } from '../ports/metrics.ts'

const syncData = promisify(fdatasync)

/** Any fault of a file operation as `file_unwritable`. */
export function unwritable(path: string, fault: unknown): OpError {
  const reason = fault instanceof Error ? fault.message : String(fault)
  return new OpError('file_unwritable', { path, reason }, { cause: fault })
}

function guarded<T>(path: string, run: () => T): T {
  try {
    return run()
  } catch (fault) {
    throw unwritable(path, fault)
  }
}

/** A new name survives a power cut only when its folder is synced; Windows has no such call and needs none. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function openAt(path: string, keepBytes: number): number {
  mkdirSync(dirname(path), { recursive: true })
  const handle = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644)
  try {
    if (fstatSync(handle).size > keepBytes) ftruncateSync(handle, keepBytes)
  } catch (fault) {
    closeSync(handle)
    throw fault
  }
  return handle
}

/** Writes all of `bytes` at `position`; a short write is not an error by itself. */
function writeAll(handle: number, bytes: Uint8Array, position: number): void {
  let done = 0
  while (done < bytes.length) done += writeSync(handle, bytes, done, bytes.length - done, position + done)
}

/** A file on disk. Lines go to known positions, so that what a failed write left is overwritten by the next one. */
export const openLineFile: OpenLineFile = (path, keepBytes) => {
  const handle = guarded(path, () => openAt(path, keepBytes))
  let size = keepBytes
  let folderSynced = keepBytes > 0
  let open = true
  const cutBack = () => {
    try {
      ftruncateSync(handle, size)
    } catch (fault) {
      throw unwritable(path, fault)
    }
  }
  return {
    size: () => size,
    append(lines) {
      try {
        writeAll(handle, lines, size)
      } catch (fault) {
        cutBack()
        throw unwritable(path, fault)
      }
      size += lines.length
    },
    flush() {},
    async sync() {
      try {
        await syncData(handle)
        if (!folderSynced) syncFolder(dirname(path))
        folderSynced = true
      } catch (fault) {
        throw unwritable(path, fault)
      }
    },
    close() {
      if (open) closeSync(handle)
      open = false
    },
  }
}

/**
 * Holds lines back in a buffer of `capacityBytes` and passes them on before a line that would not fit. The buffer
 * never holds more; a line longer than it goes straight through.
 */
export function bufferLines(file: LineFile, capacityBytes: number): LineFile {
  const buffer = new Uint8Array(capacityBytes)
  let held = 0
  const flush = () => {
    if (held === 0) return
    file.append(buffer.subarray(0, held))
    held = 0
  }
  return {
    size: () => file.size() + held,
    append(lines) {
      if (held + lines.length > capacityBytes) flush()
      if (lines.length > capacityBytes) return file.append(lines)
      buffer.set(lines, held)
      held += lines.length
    },
    flush() {
      flush()
      file.flush()
    },
    sync: () => file.sync(),
    close: () => file.close(),
  }
}

/** Counts bytes written in `op_writer_bytes_total`. */
export function countBytes(file: LineFile, metrics: Metrics, format: string): LineFile {
  return {
    ...file,
    append(lines) {
      file.append(lines)
      metrics.increment('op_writer_bytes_total', { format }, lines.length)
    },
  }
}
