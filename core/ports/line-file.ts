/**
 * A growing file of whole lines. Writing is synchronous: it ends in the page cache, in microseconds, and leaves no
 * half-done state between two awaits. Failures are `file_unwritable`.
 */
export interface LineFile {
  /** Bytes appended so far, with those that a decorator still holds back. */
  size(): number
  /** Takes one or more whole lines. When it throws, none of them is in the file. */
  append(lines: Uint8Array): void
  /** Passes on what is held back. */
  flush(): void
  /** Resolves when what was passed on survives a power cut. */
  sync(): Promise<void>
  /** Releases the handle; what is held back is given up. */
  close(): void
}

/** Opens or creates the file at `path`, cut back to its first `keepBytes` bytes. */
export type OpenLineFile = (path: string, keepBytes: number) => LineFile
