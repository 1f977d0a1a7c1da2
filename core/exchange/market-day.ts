import type { Calendar, TradingDay } from '../domain/calendar.ts'
import { addDays } from '../domain/ist.ts'
import { type BookEntry, createListingBook, type ListingBook } from './listing-book.ts'
import type { Quote } from './market.ts'
import { contractOf, type ExpiryFlow, expiryFlow } from './market-contracts.ts'
import { createExpiryTrack, type ExpiryTrack } from './market-expiry.ts'
import { indexQuote, indexSecond } from './market-indices.ts'
import { createSheet, type Sheet } from './market-sheet.ts'
import type { SheetSession } from './market-terms.ts'
import { STEPS_PER_SECOND } from './order-flow.ts'
import { createActivity, type Standing } from './order-flow-activity.ts'
import type { SpotLevels } from './spot-levels.ts'
import { closeOf, createSpotSession, cumulativeActivity, type SpotSession } from './spot-session.ts'
import { strikeDeviations } from './surface.ts'

/** Trading is heavy at the opening and into the close. */
const VOLUME_SHAPE = { open: 2.2, openWidth: 0.06, close: 1.8, closeWidth: 0.07 }

/** One trading day of the simulated market. Steps count from the opening, -1 = before it. */
export interface MarketDay {
  readonly day: TradingDay
  readonly book: ListingBook
  /** Step at which the session is over and everything has its last quote. */
  readonly lastStep: number
  /** The step at which each entry of the book last changed, at or before `step`. */
  lastChanges(step: number, into: Int32Array): void
  /** Quote of an entry as of a change; changes of one entry must not go backwards. */
  quoteAt(place: number, change: number): Quote | null
}

/** Trading days after `date` up to each later date, the later date included. */
function tradingDaysBetween(calendar: Calendar, date: string, until: string): Map<string, number> {
  const counts = new Map([[date, 0]])
  let count = 0
  for (let day = addDays(date, 1); day <= until; day = addDays(day, 1)) {
    if (calendar.isTradingDay(day)) count += 1
    counts.set(day, count)
  }
  return counts
}

interface ExpiryOfDay {
  readonly track: ExpiryTrack
  readonly order: number
}

/** Follows every expiry of the book. */
function trackExpiries(
  calendar: Calendar,
  session: SpotSession,
  book: ListingBook,
  options: { readonly seed: number; readonly previousEndsAt: number },
): Map<string, ExpiryOfDay> {
  const found = new Map<string, Extract<BookEntry, { kind: 'option' }>>()
  for (const entry of book.entries) {
    const key = `${entry.index} ${entry.listing.expiry}`
    if (entry.kind === 'option' && !found.has(key)) found.set(key, entry)
  }
  const furthest = [...found.values()].reduce(
    (last, { expiry }) => (expiry.date > last ? expiry.date : last),
    book.date,
  )
  const days = tradingDaysBetween(calendar, book.date, furthest)
  const orders = new Map<string, number>()
  const tracks = new Map<string, ExpiryOfDay>()
  for (const [key, { index, expiry, listing }] of found) {
    const order = orders.get(index) ?? 0
    orders.set(index, order + 1)
    const track = createExpiryTrack(session, {
      seed: options.seed,
      index,
      key: listing.token >>> 8,
      settlementAt: calendar.settlementFixAt(expiry.date),
      daysLeft: days.get(expiry.date) ?? 0,
      previousEndsAt: options.previousEndsAt,
    })
    tracks.set(key, { track, order })
  }
  return tracks
}

interface ContractOfDay {
  readonly entry: Exclude<BookEntry, { kind: 'index' }>
  readonly track: ExpiryTrack
  readonly flow: ExpiryFlow
}

function contractOfDay(entry: BookEntry, expiries: ReadonlyMap<string, ExpiryOfDay>): ContractOfDay | null {
  if (entry.kind === 'index') return null
  const of = expiries.get(`${entry.index} ${entry.listing.expiry}`)
  if (of === undefined) return null
  return { entry, track: of.track, flow: expiryFlow(entry.index, entry.expiry, of.order, of.track.daysLeft === 0) }
}

/** Where a contract stands in a second, -1 = on the evening before. */
function standingOf(contract: ContractOfDay | null | undefined, second: number): Standing | null {
  if (contract === null || contract === undefined) return null
  const { entry, track, flow } = contract
  const key = entry.listing.token
  if (entry.kind === 'future') return { key, base: entry.expiry.rank, deviations: 0 }
  const { forward, atm, years } = second < 0 ? track.atPreviousClose : track.at(second)
  return { key, base: flow.level, deviations: strikeDeviations(entry.listing.strike, forward, atm, years) }
}

/** Sheets of contracts by place, each made when it is first asked for. */
function createSheets(contracts: readonly (ContractOfDay | null)[], make: (contract: ContractOfDay) => Sheet) {
  const sheets: (Sheet | null)[] = contracts.map(() => null)
  return (place: number): Sheet | null => {
    const contract = contracts[place]
    const sheet = sheets[place] ?? (contract === null || contract === undefined ? null : make(contract))
    sheets[place] = sheet
    return sheet
  }
}

/** Everything about one trading day of a seed. Costs about a tenth of a second. */
export function createMarketDay(
  deps: { readonly calendar: Calendar; readonly levels: SpotLevels },
  options: { readonly seed: number; readonly day: TradingDay },
): MarketDay {
  const { calendar, levels } = deps
  const { seed, day } = options
  const previousDate = calendar.previousTradingDay(day.date)
  const previousEndsAt = calendar.day(previousDate)?.tradeEndsAt ?? day.opensAt
  const session = createSpotSession({ levels }, { seed, day, previousDate })
  const book = createListingBook({ calendar, levels }, day.date)
  const expiries = trackExpiries(calendar, session, book, { seed, previousEndsAt })
  const lastStep = session.seconds * STEPS_PER_SECOND
  const sheetSession: SheetSession = {
    seed,
    opensAt: day.opensAt,
    seconds: session.seconds,
    previousEndsAt,
    activity: Float64Array.from({ length: session.seconds + 1 }, (_, second) =>
      cumulativeActivity(second / session.seconds, VOLUME_SHAPE),
    ),
  }

  const contracts = book.entries.map((entry) => contractOfDay(entry, expiries))
  const activity = createActivity(seed, contracts.length, (place, second) => standingOf(contracts[place], second))

  const sheetOf = createSheets(contracts, (contract) => {
    const closeToday = closeOf(levels, contract.entry.index, day.date)
    const shared = { seed, session, track: contract.track, flow: contract.flow, closeToday }
    return createSheet(sheetSession, contractOf(shared, contract.entry))
  })

  const lastChanges = (step: number, into: Int32Array) => {
    const at = Math.min(step, lastStep)
    activity.enter(at)
    const second = Math.floor(at / STEPS_PER_SECOND)
    book.entries.forEach((entry, place) => {
      if (at < 0) into[place] = -1
      else if (entry.kind === 'index') {
        const computed = entry.index === null ? second : indexSecond(session, second)
        into[place] = computed * STEPS_PER_SECOND
      } else into[place] = at === lastStep ? lastStep : activity.quoted(place, at)
    })
  }

  const quoteAt = (place: number, change: number): Quote | null => {
    const entry = book.entries[place]
    if (entry === undefined) return null
    if (entry.kind === 'index') {
      const second = change < 0 ? -1 : Math.floor(change / STEPS_PER_SECOND)
      return indexQuote(session, entry.index, entry.listing.token, second, previousEndsAt)
    }
    const first = activity.firstTrade(place)
    const traded = change < 0 || first > change ? -1 : activity.traded(place, change)
    // At the end of the session everything that traded gets its closing price.
    const steps = { quoted: change, traded: change === lastStep && traded >= 0 ? lastStep : traded, first }
    return sheetOf(place)?.quoteAt(steps) ?? null
  }
  return { day, book, lastStep, lastChanges, quoteAt }
}
