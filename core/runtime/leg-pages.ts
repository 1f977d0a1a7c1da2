import { z } from 'zod'
import type { IndexName } from '../domain/index-catalog.ts'
import type { Bucket, Right } from '../domain/instrument.ts'
import { istDate } from '../domain/ist.ts'
import type { Leg } from '../domain/leg.ts'
import { OpError } from '../kernel/errors.ts'
import type { LegHistory } from '../store/day-history.ts'
import type { LegCursor } from '../store/day-reader.ts'

/** Which recorded legs; times are receipts in epoch milliseconds, `from` inclusive, `to` exclusive. */
export interface LegSelection {
  readonly index: IndexName
  readonly bucket: Bucket | null
  readonly from: number
  readonly to: number
  readonly strike: number | null
  readonly right: Right | null
  /** Strikes at most so many from the money; null = all. */
  readonly within: number | null
}

export interface RecordedLegs {
  readonly legs: readonly Leg[]
  /** Text by which the next page is asked for; null when this was the last. */
  readonly next: string | null
}

export interface RecordedDays {
  readonly history: Pick<LegHistory, 'days' | 'open' | 'legsOfDay'>
  /** The bucket under which what `bucket` named on that day was recorded: an expiry may have had several names. */
  readonly recordedBucket: (date: string, index: IndexName, bucket: Bucket) => Promise<Bucket>
}

/**
 * Recorded legs day by day, in the order of the record, `limit` at most. `after` is the `next` of an earlier page;
 * any other text throws `request_invalid`.
 */
export async function legPage(
  days: RecordedDays,
  selection: LegSelection,
  after: string | null,
  limit: number,
): Promise<RecordedLegs> {
  const start = after === null ? null : readCursor(after)
  const legs: Leg[] = []
  for (const date of daysOf(days, selection)) {
    if (start !== null && date < start.date) continue
    const cursor = start?.date === date ? start.cursor : null
    const ofDay = await onDay(days, date, selection)
    await days.history.open(date)
    const page = days.history.legsOfDay(date, queryOf(ofDay, cursor, limit - legs.length))
    legs.push(...page.legs)
    if (page.next !== null) return { legs, next: cursorText(date, page.next) }
  }
  return { legs, next: null }
}

/** Every leg of the selection, in pages. */
export async function* legPages(
  days: RecordedDays,
  selection: LegSelection,
  limit: number,
): AsyncGenerator<readonly Leg[]> {
  const { within } = selection
  for (const date of daysOf(days, selection)) {
    const ofDay = await onDay(days, date, selection)
    let cursor: LegCursor | null = null
    do {
      await days.history.open(date)
      if (!days.history.days().includes(date)) throw new OpError('not_on_record', { what: `${date} any more` })
      const page = days.history.legsOfDay(date, queryOf(ofDay, cursor, limit))
      const legs = within === null ? page.legs : page.legs.filter(({ offset }) => Math.abs(offset) <= within)
      if (legs.length > 0) yield legs
      cursor = page.next
    } while (cursor !== null)
  }
}

/** A day's file holds what was received on that IST date. */
function daysOf({ history }: RecordedDays, { from, to }: LegSelection): readonly string[] {
  const [first, last] = [istDate(from), istDate(to - 1)]
  return history.days().filter((date) => date >= first && date <= last)
}

async function onDay({ recordedBucket }: RecordedDays, date: string, selection: LegSelection): Promise<LegSelection> {
  const { index, bucket } = selection
  return bucket === null ? selection : { ...selection, bucket: await recordedBucket(date, index, bucket) }
}

function queryOf({ index, bucket, from, to, strike, right }: LegSelection, after: LegCursor | null, limit: number) {
  return {
    index,
    from,
    to,
    limit,
    ...(bucket === null ? {} : { bucket }),
    ...(strike === null ? {} : { strike }),
    ...(right === null ? {} : { right }),
    ...(after === null ? {} : { after }),
  }
}

const cursorSchema = z.templateLiteral([z.iso.date(), '.', z.int(), '-', z.int(), '-', z.int()])

function cursorText(date: string, { epoch, seq, row }: LegCursor): string {
  return `${date}.${epoch}-${seq}-${row}`
}

function readCursor(text: string): { readonly date: string; readonly cursor: LegCursor } {
  if (!cursorSchema.safeParse(text).success)
    throw new OpError('request_invalid', { reason: `cursor: ${text} is not the next_cursor of a page` })
  const [date = '', place = ''] = text.split('.')
  const [epoch = 0, seq = 0, row = 0] = place.split('-').map(Number)
  return { date, cursor: { epoch, seq, row } }
}
