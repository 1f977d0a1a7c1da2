import { open } from 'node:fs/promises'
import type { OpenFileReader } from '../ports/file-reader.ts'

/** Reads by the file system's own calls. */
export const openPlainFile: OpenFileReader = async (path) => {
  const handle = await open(path, 'r')
  const { size } = await handle.stat()
  return {
    size,
    async read(position, length) {
      const wanted = Math.max(0, Math.min(length, size - position))
      const bytes = Buffer.allocUnsafeSlow(wanted)
      const { bytesRead } = await handle.read(bytes, 0, wanted, position)
      return bytes.subarray(0, bytesRead)
    },
    close: () => handle.close(),
  }
}
