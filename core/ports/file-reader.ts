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
