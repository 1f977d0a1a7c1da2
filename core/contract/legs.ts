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

/** What a page exports. */
export const exportQuerySchema = legsQuerySchema.pick({ bucket: true, from: true, to: true, right: true }).extend({
  index: z.enum(INDEX_NAMES),
  format: z.enum(EXPORT_FORMATS),
  within: z
    .int()
    .min(0)
    .max(500)
    .optional()
    .describe('strikes at most so many from the money; all that were recorded when it is left out'),
})
export type ExportQuery = z.infer<typeof exportQuerySchema>

const JOB_STATES = ['queued', 'running', 'done', 'failed', 'cancelled'] as const

export const jobSchema = z.object({
  id: z.string(),
  kind: z.literal('export'),
  /** `queued`: waits until `GET /exports/:id/file` takes it. */
  state: z.enum(JOB_STATES),
  progress: z.number().min(0).max(1),
  /** One sentence; null unless it failed. */
  error: z.string().nullable(),
  legs: z.number().int(),
  bytes: z.number().int(),
  /** Name of the file, without its folder. */
  file: z.string(),
})
export type Job = z.infer<typeof jobSchema>

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
