import type { Calendar } from '../domain/calendar.ts'
import { istDate, istInstant } from '../domain/ist.ts'

/** Where a simulated market begins on a fresh folder. */
const FIRST_START_AT = '10:00'

export interface SimStartInputs {
  readonly calendar: Calendar
  /** `SIM_AT`, epoch milliseconds. */
  readonly at: number | null
  /** Market time of the last record in the folder. */
  readonly lastTs: number | null
  readonly wallNow: number
}

/**
 * The market instant at which the in-process exchange begins: never before the end of the record, so that nothing is
 * recorded twice; where it was told (`at`); else after the last record, in the next session when that one is over;
 * on a first start 10:00 IST of the current or next trading day, or the opening where that day opens later.
 */
export function simStart({ calendar, at, lastTs, wallNow }: SimStartInputs): number {
  if (at !== null) return Math.max(at, (lastTs ?? Number.NEGATIVE_INFINITY) + 1)
  if (lastTs !== null) return inSession(calendar, lastTs + 1)
  const today = istDate(wallNow)
  const date = calendar.isTradingDay(today) ? today : calendar.nextTradingDay(today)
  return inSession(calendar, istInstant(date, FIRST_START_AT))
}

/** The instant itself while options trade, else the next time they begin to. */
function inSession(calendar: Calendar, instant: number): number {
  let at = instant
  for (let phase = calendar.phaseAt(at); !phase.optionsTrade; phase = calendar.phaseAt(at)) at = phase.until
  return at
}
