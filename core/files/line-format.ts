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

/** `<epoch>-<seq>` as `pattern`'s first two groups find it in a line. */
export function batchByPattern(pattern: RegExp, line: string): BatchNumber | null {
  const match = pattern.exec(line)
  return match === null ? null : { epoch: Number(match[1]), seq: Number(match[2]) }
}
