import type { Leg } from '../domain/leg.ts'

/** A batch's number, read from a line. */
export interface BatchNumber {
  readonly epoch: number
  readonly seq: number
}

/** How legs are written, one a line. */
export interface LineFormat {
  /** Name of the projection and the files' extension; label `format` of metrics. */
  readonly name: 'csv' | 'jsonl'
  /** First line of every file, newline included; empty when there is none. */
  readonly header: Uint8Array
  /** The leg's line, newline included. The bytes are valid until the next call. */
  encode(leg: Leg): Uint8Array
  /** The batch of a line of this format (without its newline), null when it is not one. */
  batchOf(line: string): BatchNumber | null
}

const FIRST_LINE_BYTES = 4096

/** Runs `write` on a scratch buffer that grows until what is written fits. `write` returns the end of what it wrote. */
export function createLineScratch(write: (into: Uint8Array, leg: Leg) => number): (leg: Leg) => Uint8Array {
  let scratch = new Uint8Array(FIRST_LINE_BYTES)
  return (leg) => {
    for (;;) {
      const end = write(scratch, leg)
      if (end <= scratch.length) return scratch.subarray(0, end)
      scratch = new Uint8Array(end * 2)
    }
  }
}

/** `<epoch>-<seq>` as `pattern`'s first two groups find it in a line. */
export function batchByPattern(pattern: RegExp, line: string): BatchNumber | null {
  const match = pattern.exec(line)
  return match === null ? null : { epoch: Number(match[1]), seq: Number(match[2]) }
}
