import { z } from 'zod'

/**
 * Faults that a recorder of the proofs can be started with, each to see that its proof notices:
 * `ack_early`: says that a record is durable when it was only handed over. `no_sync`: never syncs. `swallow`: a sync
 * that failed counts as done. `no_dedupe`: forgets how far each file goes. `just_exit`: SIGTERM ends it at once.
 * `local_time`: reckons the times of records in the zone of the process. `leak`: keeps every record in memory.
 */
const PLANTS = ['ack_early', 'no_sync', 'swallow', 'no_dedupe', 'just_exit', 'local_time', 'leak'] as const

export const recorderOptionsSchema = z.object({
  folder: z.string(),
  /** Number of the first entry. */
  first: z.int(),
  /** So many entries, then it takes in what is left and stops; null = until it is ended. */
  count: z.int().nullable(),
  /** Entries a millisecond turn. */
  burst: z.int(),
  /** Legs of a batch. */
  legs: z.int(),
  /** Market time of entry 0, and from one to the next. */
  startMs: z.number(),
  stepMs: z.number(),
  segmentBytes: z.int(),
  /** Intervals of everything but the journal are so much shorter. */
  hurry: z.number(),
  plant: z.enum(PLANTS).nullable(),
})

export type RecorderOptions = z.infer<typeof recorderOptionsSchema>
export type Plant = (typeof PLANTS)[number]
