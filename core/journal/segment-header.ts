import { z } from 'zod'
import { SOURCES } from '../domain/instrument.ts'
import { parseJson } from './entry-codec.ts'
import { type EncodedLine, encodeLine, type Line } from './line-format.ts'

export const SEGMENT_FORMAT = 1

const position = z.object({ epoch: z.int().positive(), seq: z.int().nonnegative(), crc: z.int().nonnegative() })

const headerSchema = z.object({
  kind: z.literal('segment'),
  format: z.literal(SEGMENT_FORMAT),
  epoch: z.int().positive(),
  /** Number of the first record in it. */
  firstSeq: z.int().nonnegative(),
  /**
   * The record that it continues: its first record chains from this checksum (from 0 when null). What the segment
   * before it holds behind that record was never acknowledged and is written again here.
   */
  previous: position.nullable(),
  /** sha256 of the newest seal when it was begun. */
  previousSeal: z.string().nullable(),
  source: z.enum(SOURCES),
  /** Wall time. */
  createdAt: z.number(),
  /** Random, one per opening of the journal: tells writers of the same epoch apart. */
  fence: z.string(),
})

/**
 * First line of a segment. It stands outside the records' chain (its own checksum starts from 0), so that a record
 * has the same position whichever segment it ends up in.
 */
export type SegmentHeader = z.infer<typeof headerSchema>

export function encodeHeader(header: SegmentHeader): EncodedLine {
  return encodeLine(header.firstSeq, JSON.stringify(header), 0)
}

/** Null when the line is not a header of a format that this version reads. */
export function decodeHeader(line: Line): SegmentHeader | null {
  const parsed = headerSchema.safeParse(parseJson(line.body))
  return parsed.success && parsed.data.firstSeq === line.seq ? parsed.data : null
}
