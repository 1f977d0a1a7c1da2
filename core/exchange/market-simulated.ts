import type { Calendar } from '../domain/calendar.ts'
import { istDate, istInstant } from '../domain/ist.ts'
import { listingsCsv } from './listing-book.ts'
import type { Market, MarketLabel } from './market.ts'
import { createMarketDay, type MarketDay } from './market-day.ts'
import { STEP_MS } from './order-flow.ts'
import { createSpotLevels } from './spot-levels.ts'

/** From then on the dump of the day is served and the day before is forgotten. */
const DUMP_TIME = '08:00'

/** Trading day whose market is shown at an instant: its own from the morning on, the last one's before. */
function marketDate(calendar: Calendar, epochMs: number): string {
  const date = istDate(epochMs)
  const begun = calendar.isTradingDay(date) && epochMs >= istInstant(date, DUMP_TIME)
  return begun ? date : calendar.previousTradingDay(date)
}

/** A day that was entered, and when each entry of its book last changed. */
interface Entered {
  readonly today: MarketDay
  readonly changes: Int32Array
  readonly before: Int32Array
  readonly changed: Uint32Array
}

function enterDay(today: MarketDay): Entered {
  const count = today.book.entries.length
  return {
    today,
    changes: new Int32Array(count),
    // Before anything: all of a new day's tokens are handed out by the advance that enters it.
    before: new Int32Array(count).fill(-2),
    changed: new Uint32Array(count),
  }
}

function stepAt({ day, lastStep }: MarketDay, instant: number): number {
  return instant < day.opensAt ? -1 : Math.min(lastStep, Math.floor((instant - day.opensAt) / STEP_MS))
}

/** Brings a day to an instant; the tokens whose last change is another one than before. */
function changedTokens({ today, changes, before, changed }: Entered, instant: number): Uint32Array {
  today.lastChanges(stepAt(today, instant), changes)
  let count = 0
  today.book.entries.forEach((entry, place) => {
    const change = changes[place] ?? -1
    if (change === before[place]) return
    before[place] = change
    changed[count] = entry.listing.token
    count += 1
  })
  return changed.subarray(0, count)
}

/**
 * A market made up from a seed: at any instant of the calendar the same, however it was reached and at whatever
 * speed. It is entered at `startMs`; without that by the first `advance`, and is empty before. Until 08:00 of a trading
 * day it shows how the day before ended. A day costs about a tenth of a second when it begins, a step about a millisecond.
 */
export function createSimulatedMarket(
  deps: { readonly calendar: Calendar },
  options: { readonly seed: number; readonly startMs?: number },
): Market {
  const { calendar } = deps
  const { seed, startMs } = options
  const levels = createSpotLevels(seed)
  const label: MarketLabel = { kind: 'simulated', seed }
  let entered: Entered | null = null
  let nowMs = 0

  const dayAt = (date: string): Entered => {
    if (entered?.today.day.date === date) return entered
    const day = calendar.day(date)
    if (day === null) throw new RangeError(`${date} is not a trading day`)
    return enterDay(createMarketDay({ calendar, levels }, { seed, day }))
  }
  const entryOf = (token: number) => {
    const place = entered?.today.book.placeOf(token) ?? null
    return entered === null || place === null ? null : { place, ...entered }
  }

  if (startMs !== undefined) {
    nowMs = startMs
    entered = dayAt(marketDate(calendar, startMs))
    entered.today.lastChanges(stepAt(entered.today, startMs), entered.changes)
  }
  return {
    label,
    date: () => entered?.today.day.date ?? marketDate(calendar, nowMs),
    instrumentsCsv: (exchange) => entered?.today.book.csv(exchange) ?? listingsCsv([]),
    listings: (exchange) => entered?.today.book.listings(exchange) ?? [],
    byKey: (key) => entered?.today.book.byKey(key) ?? null,
    byToken: (token) => {
      const found = entryOf(token)
      return found?.today.book.entries[found.place]?.listing ?? null
    },
    quote: (token) => {
      const found = entryOf(token)
      return found === null ? null : found.today.quoteAt(found.place, found.changes[found.place] ?? -1)
    },
    advance: (instant) => {
      nowMs = Math.max(nowMs, instant)
      entered = dayAt(marketDate(calendar, nowMs))
      return changedTokens(entered, nowMs)
    },
  }
}
