/** Durable small values by name: where each file consumer stands. A save that resolved survives a power cut. */
export interface Cursors {
  load(name: string): string | null
  save(name: string, value: string): void
  remove(name: string): void
}
