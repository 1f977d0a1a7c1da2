import { z } from 'zod'
import { INDEX_NAMES } from '../domain/index-catalog.ts'
import { BUCKETS, SOURCES } from '../domain/instrument.ts'
import { expiriesSchema, summarySchema } from './api-schema.ts'
import { chainMessageSchema } from './chain-stream.ts'
import { seriesSchema } from './series.ts'

/** The record of a day as a page travels through it. Instants are ISO with +05:30; those of frames as in a chain. */

const instant = z.string().describe('2026-11-23T10:00:00.123+05:30')
const index = z.enum(INDEX_NAMES)
const source = z.enum(SOURCES)

export const recordedDaysSchema = z.object({
  source,
  /** Days with a record, oldest first. */
  days: z.array(z.iso.date()),
})

export const recordedDaySchema = z.object({
  index,
  date: z.iso.date(),
  source,
  /** From the first to the last leg of the index; null when it has none that day. */
  recorded: z.object({ from: instant, to: instant }).nullable(),
  phases: seriesSchema.shape.phases,
  gaps: seriesSchema.shape.gaps,
  /** What was listed and watched that day; empty where its list of contracts is not on record. */
  expiries: expiriesSchema.shape.expiries,
})
export type RecordedDay = z.infer<typeof recordedDaySchema>

export const chainAtQuerySchema = z.object({
  index,
  bucket: z.enum(BUCKETS).optional().describe('the nearest listed one of that day when it is left out'),
  at: z.string().describe('an instant of the record'),
  frames: z.coerce.number().int().min(1).max(20).default(1).describe('how many states, the first one at `at`'),
  step: z.coerce.number().int().min(1).max(6_000).default(1_000).describe('milliseconds between them'),
})

export const chainAtSchema = z.object({
  index,
  bucket: z.enum(BUCKETS),
  date: z.iso.date(),
  source,
  /** Receipts of the chain nearest to `at` on either side of it; null where the day has none. */
  before: instant.nullable(),
  after: instant.nullable(),
  /** At `at`, over the recorded strikes. */
  summary: z.object({
    smile: summarySchema.shape.full.shape.smile,
    term_structure: summarySchema.shape.term_structure,
    iv_standing: summarySchema.shape.iv_standing,
  }),
  /** Ascending; the first chain is whole, one after it whole or what has changed. */
  frames: z.array(
    z.object({
      chain: chainMessageSchema,
      /** Of every index with a sample. */
      spots: z.partialRecord(index, z.number().nullable()),
    }),
  ),
})
export type ChainAt = z.infer<typeof chainAtSchema>
