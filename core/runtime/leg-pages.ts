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
}

export interface RecordedLegs {
  readonly legs: readonly Leg[]
  /** Text by which the next page is asked for; null when this was the last. */
  readonly next: string | null
}

type DayLegs = Pick<LegHistory, 'days' | 'legsOfDay'>

/**
 * Recorded legs day by day, in the order of the record, `limit` at most. `after` is the `next` of an earlier page;
 * any other text throws `request_invalid`.
 */
export function legPage(history: DayLegs, selection: LegSelection, after: string | null, limit: number): RecordedLegs {
  const start = after === null ? null : readCursor(after)
  const legs: Leg[] = []
  for (const date of daysOf(history, selection)) {
    if (start !== null && date < start.date) continue
    const cursor = start?.date === date ? start.cursor : null
    const page = history.legsOfDay(date, queryOf(selection, cursor, limit - legs.length))
    legs.push(...page.legs)
    if (page.next !== null) return { legs, next: cursorText(date, page.next) }
  }
  return { legs, next: null }
}

/** Every leg of the selection, in pages. */
export function* legPages(history: DayLegs, selection: LegSelection, limit: number): Generator<readonly Leg[]> {
  for (const date of daysOf(history, selection)) {
    let cursor: LegCursor | null = null
    do {
      const page = history.legsOfDay(date, queryOf(selection, cursor, limit))
      if (page.legs.length > 0) yield page.legs
      cursor = page.next
    } while (cursor !== null)
  }
}

/** A day's file holds what was received on that IST date. */
function daysOf(history: DayLegs, { from, to }: LegSelection): readonly string[] {
  const [first, last] = [istDate(from), istDate(to - 1)]
  return history.days().filter((date) => date >= first && date <= last)
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
