import type { Calendar } from '../domain/calendar.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import { addDays, weekday } from '../domain/ist.ts'

export type ExpiryKind = 'weekly' | 'monthly' | 'quarterly'

export interface ListedExpiry {
  /** The day on which it expires: the nominal weekday, or the trading day before when that is a holiday. */
  readonly date: string
  readonly nominal: string
  readonly kind: ExpiryKind
  /** 0 = nearest of its kind. */
  readonly rank: number
}

interface WeekdayRule {
  /** Valid for nominal expiries from this date on. */
  readonly from: string
  /** 0 = Sunday. */
  readonly weekday: number
}

interface ExpiryRules {
  readonly weekdays: readonly WeekdayRule[]
  /** How many are listed; a weekly that is the month's last is counted as monthly. */
  readonly weeklies: number
  readonly monthlies: number
  /** March, June, September and December beyond the monthlies, and June and December beyond those. */
  readonly quarterlies: number
  readonly halfYearlies: number
}

const NSE_WEEKDAYS: readonly WeekdayRule[] = [
  { from: '2000-01-01', weekday: 4 },
  { from: '2025-09-01', weekday: 2 },
]
const BSE_WEEKDAYS: readonly WeekdayRule[] = [
  { from: '2000-01-01', weekday: 5 },
  { from: '2025-01-06', weekday: 2 },
  { from: '2025-09-01', weekday: 4 },
]

/**
 * What the exchanges list, as dated data (FIELD.md section 5; NSE/FAOP/68747; the Kite dump of 18 August 2026).
 * The weekday of expiry is known here, in the exchange, and nowhere else in the product.
 */
export const EXPIRY_RULES: Readonly<Record<IndexName, ExpiryRules>> = {
  NIFTY: { weekdays: NSE_WEEKDAYS, weeklies: 4, monthlies: 3, quarterlies: 3, halfYearlies: 8 },
  BANKNIFTY: { weekdays: NSE_WEEKDAYS, weeklies: 0, monthlies: 3, quarterlies: 3, halfYearlies: 0 },
  FINNIFTY: { weekdays: NSE_WEEKDAYS, weeklies: 0, monthlies: 3, quarterlies: 0, halfYearlies: 0 },
  MIDCPNIFTY: { weekdays: NSE_WEEKDAYS, weeklies: 0, monthlies: 3, quarterlies: 0, halfYearlies: 0 },
  SENSEX: { weekdays: BSE_WEEKDAYS, weeklies: 5, monthlies: 3, quarterlies: 3, halfYearlies: 8 },
}

function weekdayAt(rules: readonly WeekdayRule[], date: string): number {
  return rules.findLast((rule) => rule.from <= date)?.weekday ?? 4
}

/** First day of the month that is `months` after the date's. */
function monthStart(date: string, months: number): string {
  const count = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 + months
  return `${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, '0')}-01`
}

/** Last nominal weekday of a month. */
function lastOfMonth(rules: readonly WeekdayRule[], start: string): string {
  const end = addDays(monthStart(start, 1), -1)
  return addDays(end, -((weekday(end) - weekdayAt(rules, end) + 7) % 7))
}

function shifted(calendar: Calendar, nominal: string): string {
  return calendar.isTradingDay(nominal) ? nominal : calendar.previousTradingDay(nominal)
}

/** Expiries of an index that are listed on a date, ascending; one that falls on the date is still listed. */
export function listedExpiries(calendar: Calendar, index: IndexName, date: string): ListedExpiry[] {
  const rules = EXPIRY_RULES[index]
  const months = Array.from({ length: 70 }, (_, month) => lastOfMonth(rules.weekdays, monthStart(date, month)))
  const open = months.filter((nominal) => shifted(calendar, nominal) >= date)
  const listed: ListedExpiry[] = []
  const list = (kind: ExpiryKind, nominals: readonly string[]) => {
    nominals.forEach((nominal, rank) => {
      listed.push({ date: shifted(calendar, nominal), nominal, kind, rank })
    })
  }
  list('monthly', open.slice(0, rules.monthlies))
  const far = open.slice(rules.monthlies)
  const quarterlies = far.filter((nominal) => Number(nominal.slice(5, 7)) % 3 === 0).slice(0, rules.quarterlies)
  const lastQuarterly = quarterlies.at(-1) ?? ''
  const halfYearlies = far.filter((nominal) => nominal > lastQuarterly && Number(nominal.slice(5, 7)) % 6 === 0)
  list('quarterly', [...quarterlies, ...halfYearlies.slice(0, rules.halfYearlies)])
  list('weekly', weeklies(calendar, rules, date, new Set(months)))
  return listed.sort((a, b) => (a.date < b.date ? -1 : 1))
}

function weeklies(calendar: Calendar, rules: ExpiryRules, date: string, monthly: ReadonlySet<string>): string[] {
  const nominals: string[] = []
  // A holiday may have drawn an expiry before the date although its weekday is still to come.
  for (let day = date; nominals.length < rules.weeklies; day = addDays(day, 1)) {
    const expires = weekday(day) === weekdayAt(rules.weekdays, day) && !monthly.has(day)
    if (expires && shifted(calendar, day) >= date) nominals.push(day)
  }
  return nominals
}
