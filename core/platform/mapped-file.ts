import { closeSync, fstatSync, openSync } from 'node:fs'
import { OpError } from '../kernel/errors.ts'
import type { OpenFileReader } from '../ports/file-reader.ts'
import type { OpenLineFile } from '../ports/line-file.ts'
import type { MemoryMap } from './memory-map.ts'
import { openPlainFile } from './plain-file.ts'

/** Reads finished files through memory; one that cannot be mapped is read as `openPlainFile` does. */
export function readMapped(memory: MemoryMap): OpenFileReader {
  return async (path) => {
    const plain = await openPlainFile(path)
    const { size } = plain
    const mapping = size === 0 ? null : tryTo(() => memory.mapForReading(path, size))
    if (mapping === null) return plain
    const handle = openSync(path, 'r')
    await plain.close()
    return {
      size,
      async read(position, length) {
        // Somebody may have cut it: touching what is not there any more would end the process.
        if (fstatSync(handle).size < size) throw new Error('the file has become shorter')
        const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, size - position)))
        if (bytes.length > 0) mapping.copyOut(bytes, position)
        return bytes
      },
      async close() {
        mapping.unmap()
        closeSync(handle)
      },
    }
  }
}

/** Writes growing files through memory; where a file system cannot promise room they are written as `open` does. */
export function writeMapped(memory: MemoryMap, open: OpenLineFile): OpenLineFile {
  return (path, keepBytes) => {
    const file = open(path, keepBytes)
    const tail = tryTo(() => memory.openTail(path))
    if (tail === null) return file
    let size = keepBytes
    let isOpen = true
    return {
      size: () => size,
      append(lines) {
        try {
          tail.append(lines, size)
        } catch (fault) {
          const reason = fault instanceof Error ? fault.message : String(fault)
          throw new OpError('file_unwritable', { path, reason }, { cause: fault })
        }
        size += lines.length
      },
      flush() {},
      sync() {
        tail.handOver()
        return file.sync()
      },
      close() {
        if (isOpen) tail.close(size)
        isOpen = false
        file.close()
      },
    }
  }
}

/** Null for what the system refuses. */
function tryTo<T>(run: () => T): T | null {
  try {
    return run()
  } catch {
    return null
  }
}
