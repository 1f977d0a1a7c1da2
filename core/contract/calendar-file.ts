import { z } from 'zod'

const date = z.iso.date()
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time is written HH:MM')
const range = z.tuple([time, time]).refine(([from, until]) => from < until, 'the second time must be the later one')

function ascends(times: readonly string[]): boolean {
  return times.every((each, i) => i === 0 || (times[i - 1] ?? '') <= each)
}

const sessionRule = z
  .strictObject({
    from: date,
    pre_open: range.nullable().default(null),
    open: time,
    trade_end: time,
    settlement_fix: time,
    index_frozen: range.nullable().default(null),
    cash_auction: range.nullable().default(null),
  })
  .refine(
    (rule) => ascends([...(rule.pre_open ?? []), rule.open, ...(rule.cash_auction ?? []), rule.trade_end]),
    'pre_open, open, cash_auction and trade_end must follow one another',
  )
  .refine((rule) => rule.open < rule.trade_end, 'trade_end must be later than open')

const hours = z
  .array(range)
  .min(1)
  .refine((sessions) => ascends(sessions.flat()), 'sessions must follow one another')

/**
 * DATA_DIR/calendar.json: the shape of the product's own calendar, every part optional. A date given here replaces
 * the same date of the built-in data; null takes its holiday or special session away. `years` lists the years whose
 * holidays are complete.
 */
export const calendarFileSchema = z.strictObject({
  years: z.array(z.int().min(2000).max(2100)).default([]),
  holidays: z.record(date, z.string().min(1).nullable()).default({}),
  special_sessions: z
    .record(date, z.strictObject({ note: z.string().min(1), hours: z.literal('regular').or(hours) }).nullable())
    .default({}),
  sessions: z.array(sessionRule).default([]),
})
