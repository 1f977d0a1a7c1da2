import { z } from 'zod'
import { INDEX_NAMES } from '../domain/index-catalog.ts'
import { BUCKETS, SOURCES } from '../domain/instrument.ts'
import { GAP_CAUSES } from '../domain/journal-entry.ts'

/** Series of the record for charts (`/analytics/:index/series`). Instants are ISO with +05:30; missing is null. */

/** Units: prices in rupees, IV and skew as fractions, PCR = PE/CE, OI in units, GEX as CONTRACT.md section 3 has it. */
export const SERIES_METRICS = [
  'spot',
  'future',
  'forward',
  'vix',
  'atm_iv',
  'straddle',
  'expected_move',
  'pcr_oi',
  'pcr_volume',
  'max_pain',
  'skew_25d',
  'gex',
  'dex',
  'ce_oi',
  'pe_oi',
] as const
export type SeriesMetric = (typeof SERIES_METRICS)[number]

const instant = z.string().describe('2026-11-23T10:00:00.123+05:30')
const stretch = { from: instant, to: instant }

/** One text with commas, as a query has it, or a list. */
const listed = <Item extends z.ZodType>(item: Item) =>
  z.preprocess((value) => (typeof value === 'string' ? value.split(',') : value), z.array(item).min(1).max(16))

export const seriesQuerySchema = z.object({
  index: z.enum(INDEX_NAMES),
  bucket: z.enum(BUCKETS).optional().describe('the nearest listed one when it is left out'),
  metric: listed(z.enum(SERIES_METRICS)).describe(`one or more of ${SERIES_METRICS.join(', ')}, separated by commas`),
  scope: z.enum(['window', 'full']).default('full').describe('recorded strikes or the whole chain'),
  from: z.string().optional().describe('instant or epoch milliseconds; the beginning of the trading day of `to`'),
  to: z.string().optional().describe('instant or epoch milliseconds; now'),
  step: z.coerce
    .number()
    .int()
    .min(1_000)
    .max(86_400_000)
    .optional()
    .describe('milliseconds between points; chosen so that there are at most 2000 when it is left out'),
})

export const seriesSchema = z.object({
  index: z.enum(INDEX_NAMES),
  bucket: z.enum(BUCKETS),
  source: z.enum(SOURCES),
  scope: z.enum(['window', 'full']),
  ...stretch,
  step_ms: z.number().int(),
  /** Ascending. */
  times: z.array(instant),
  /** By metric, as long as `times`; the last value of each step, null where there is none. */
  values: z.partialRecord(z.enum(SERIES_METRICS), z.array(z.number().nullable())),
  /** Stretches without data, with their cause. */
  gaps: z.array(z.object({ ...stretch, cause: z.enum(GAP_CAUSES) })),
  /** Session phases within the stretch, for shading. */
  phases: z.array(z.object({ ...stretch, phase: z.string() })),
})
export type SeriesReport = z.infer<typeof seriesSchema>

/** IV by strike at the close of the previous recorded trading day, of the same expiry. */
export const previousSmileSchema = z.object({
  index: z.enum(INDEX_NAMES),
  bucket: z.enum(BUCKETS),
  expiry: z.string(),
  /** null when no earlier day of this expiry is on record. */
  date: z.string().nullable(),
  points: z.array(z.object({ strike: z.number(), iv: z.number() })),
})
export type PreviousSmile = z.infer<typeof previousSmileSchema>
