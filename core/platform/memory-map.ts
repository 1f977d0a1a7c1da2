/** Part of a file in memory, until it is unmapped; touching what the file does not have ends the process. */
export interface Mapping {
  /** Copies bytes out, `from` within the mapping. */
  copyOut(target: Uint8Array, from: number): void
  unmap(): void
}

/** What the system offers for files in memory. Every function throws what the system says. */
export interface MemoryMap {
  /** Maps the first `length` bytes, more than none, for reading. */
  mapForReading(path: string, length: number): Mapping
  /** Opens the end of a file for writing; null where its file system cannot promise room. The file's own handles stay. */
  openTail(path: string): MappedTail | null
}

/** The growing end of a file, written through memory. */
export interface MappedTail {
  /** Makes the file `position + bytes.length` long, with `bytes` at its end. A full disk is an error here. */
  append(bytes: Uint8Array, position: number): void
  /** Hands what was written to the file system, whose sync then covers it. */
  handOver(): void
  /** `size` is the file's: what was reserved beyond it is given back. */
  close(size: number): void
}
