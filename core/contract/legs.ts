import { z } from 'zod'
import { INDEX_NAMES } from '../domain/index-catalog.ts'
import { BUCKETS, RIGHTS, SOURCES } from '../domain/instrument.ts'
import { LEG_COLUMNS } from '../domain/leg.ts'

/** `/legs/:index`: what was recorded. */

export const legsQuerySchema = z.object({
  bucket: z.enum(BUCKETS).optional().describe('all of them when it is left out'),
  from: z.string().optional().describe('instant or epoch milliseconds; the beginning of the day of `to`'),
  to: z.string().optional().describe('instant or epoch milliseconds, exclusive; now'),
  strike: z.coerce.number().positive().optional(),
  right: z.enum(RIGHTS).optional(),
  cursor: z.string().optional().describe('next_cursor of the page before'),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
})
export type LegsQuery = z.infer<typeof legsQuerySchema>

export const EXPORT_FORMATS = ['csv', 'jsonl', 'parquet'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

const value = z.union([z.string(), z.number()]).nullable()

export const legsSchema = z.object({
  index: z.enum(INDEX_NAMES),
  source: z.enum(SOURCES),
  from: z.string(),
  to: z.string(),
  /** Every leg column; `ts` and `exchange_ts` as instants. */
  legs: z.array(z.object(Object.fromEntries(LEG_COLUMNS.map(({ name }) => [name, value])))),
  next_cursor: z.string().nullable(),
})
export type LegsReport = z.infer<typeof legsSchema>
