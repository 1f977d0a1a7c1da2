/** Bytes of a finished file: one that this product owns and that nobody writes or cuts any more. */
export interface FileReader {
  /** In bytes, when it was opened. */
  readonly size: number
  /** A copy of `length` bytes from `position` on; fewer where the file ends. Rejects when they cannot be read. */
  read(position: number, length: number): Promise<Uint8Array>
  /** To be called once; no read may be under way. */
  close(): Promise<void>
}

/** Rejects with the system's own fault (`ENOENT`) when there is no such file. */
export type OpenFileReader = (path: string) => Promise<FileReader>

const CHUNK_BYTES = 256 * 1024

/** All of it from the beginning, in parts of their own; it is closed behind the last, and when the reader stops. */
export async function* bytesOf(file: FileReader): AsyncGenerator<Uint8Array> {
  try {
    for (let at = 0; at < file.size; ) {
      const bytes = await file.read(at, CHUNK_BYTES)
      // It was cut since it was opened.
      if (bytes.length === 0) return
      yield bytes
      at += bytes.length
    }
  } finally {
    await file.close()
  }
}
