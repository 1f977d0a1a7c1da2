import { z } from 'zod'
import { SOURCES } from '../domain/instrument.ts'

/** The record of a day as a page travels through it. */

const source = z.enum(SOURCES)

export const recordedDaysSchema = z.object({
  source,
  /** Days with a record, oldest first. */
  days: z.array(z.iso.date()),
})
