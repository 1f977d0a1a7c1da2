import { addDays, istDate, istInstant, weekday } from './ist.ts'

/** From and until, `HH:MM` IST; until is not part of it. */
export type TimeRange = readonly [from: string, until: string]

/** The hours of an ordinary trading day, valid from a date until the next rule's. Times `HH:MM` IST. */
export interface SessionRule {
  readonly from: string
  /** F&O pre-open: futures of the current month only; options do not trade. */
  readonly pre_open: TimeRange | null
  readonly open: string
  /** Options trade until then. */
  readonly trade_end: string
  /** The index value on which options settle is final then: T of pricing ends here. */
  readonly settlement_fix: string
  /** The index is not computed: its last value is repeated. */
  readonly index_frozen: TimeRange | null
  readonly cash_auction: TimeRange | null
}

/** A session on a day that has none by the rules (Muhurat, a Saturday), or has other hours than the rules say. */
export interface SpecialSession {
  readonly note: string
  /** `regular`: the hours of the rule of that date; otherwise one or more sessions, ascending. */
  readonly hours: 'regular' | readonly TimeRange[]
}

/** The calendar as data. Also the shape of DATA_DIR/calendar.json, where every part may be left out. */
export interface CalendarData {
  /** Years whose list of holidays is complete. */
  readonly years: readonly number[]
  /** Name by date; null takes a holiday of the base data away. */
  readonly holidays: Readonly<Record<string, string | null>>
  /** By date; null takes a special session of the base data away. Stronger than holidays and weekends. */
  readonly special_sessions: Readonly<Record<string, SpecialSession | null>>
  readonly sessions: readonly SessionRule[]
}

export type Phase = 'pre_open' | 'open' | 'cash_auction' | 'fo_only' | 'closed' | 'holiday'

/** A day on which options trade. Instants in epoch milliseconds. */
export interface TradingDay {
  readonly date: string
  readonly opensAt: number
  readonly tradeEndsAt: number
  readonly settlementFixAt: number
  readonly frozenFrom: number | null
  readonly frozenUntil: number | null
  readonly cashAuctionFrom: number | null
  readonly cashAuctionUntil: number | null
  readonly preOpenFrom: number | null
  /** What is special about the day, null for an ordinary one. */
  readonly special: string | null
}

export interface PhaseAt {
  readonly phase: Phase
  /** IST date of the instant. */
  readonly date: string
  /** Start of the phase; for closed and holiday the end of the last session. */
  readonly since: number
  /** The next change of phase; for closed and holiday the first phase of the next session. */
  readonly until: number
  /** Name of the holiday, what is special, or a warning that the year's calendar is not known. */
  readonly note: string | null
  readonly optionsTrade: boolean
  /** The index repeats its last value; ends inside the cash auction, before `until`. */
  readonly indexFrozen: boolean
}

/** Dates are `YYYY-MM-DD` in IST. A year that is not known trades on weekdays, and its phases carry a warning. */
export interface Calendar {
  isTradingDay(date: string): boolean
  /** null on a day without a session. */
  day(date: string): TradingDay | null
  phaseAt(epochMs: number): PhaseAt
  /** Strictly after the date. */
  nextTradingDay(date: string): string
  /** Strictly before the date. */
  previousTradingDay(date: string): string
  /** When options expiring that day settle; by the rules of the date also when it is not known as a trading day. */
  settlementFixAt(expiry: string): number
  /** Whether the holidays of the date's year are known. */
  knownYear(date: string): boolean
}

interface Span {
  readonly phase: Exclude<Phase, 'closed' | 'holiday'>
  readonly from: number
  readonly until: number
}

/** A trading day with its phases in time order; between them the market is closed. */
interface Timetable {
  readonly day: TradingDay
  readonly spans: readonly [Span, ...Span[]]
}

/** The base with the override's years, holidays, special sessions and rules added, replacing those of the same date. */
export function mergeCalendar(base: CalendarData, override: CalendarData): CalendarData {
  const replaced = new Set(override.sessions.map((rule) => rule.from))
  const kept = base.sessions.filter((rule) => !replaced.has(rule.from))
  return {
    years: [...new Set([...base.years, ...override.years])].sort((a, b) => a - b),
    holidays: { ...base.holidays, ...override.holidays },
    special_sessions: { ...base.special_sessions, ...override.special_sessions },
    sessions: [...kept, ...override.sessions].sort((a, b) => (a.from < b.from ? -1 : 1)),
  }
}

/** The rule in force; the earliest one also for dates before it. */
function ruleOf(rules: readonly SessionRule[], date: string): SessionRule {
  const rule = rules.findLast((candidate) => candidate.from <= date) ?? rules[0]
  if (rule === undefined) throw new RangeError('the calendar has no session rule')
  return rule
}

function instants(date: string, range: TimeRange | null): { from: number | null; until: number | null } {
  return range === null
    ? { from: null, until: null }
    : { from: istInstant(date, range[0]), until: istInstant(date, range[1]) }
}

function regularTimetable(date: string, rule: SessionRule, special: string | null): Timetable {
  const at = (time: string) => istInstant(date, time)
  const frozen = instants(date, rule.index_frozen)
  const auction = instants(date, rule.cash_auction)
  const [opensAt, tradeEndsAt] = [at(rule.open), at(rule.trade_end)]
  const spans: [Span, ...Span[]] = [{ phase: 'open', from: opensAt, until: auction.from ?? tradeEndsAt }]
  if (rule.pre_open !== null) {
    spans.unshift({ phase: 'pre_open', from: at(rule.pre_open[0]), until: at(rule.pre_open[1]) })
  }
  if (auction.from !== null && auction.until !== null) {
    spans.push({ phase: 'cash_auction', from: auction.from, until: auction.until })
    if (auction.until < tradeEndsAt) spans.push({ phase: 'fo_only', from: auction.until, until: tradeEndsAt })
  }
  const day: TradingDay = {
    date,
    opensAt,
    tradeEndsAt,
    settlementFixAt: at(rule.settlement_fix),
    frozenFrom: frozen.from,
    frozenUntil: frozen.until,
    cashAuctionFrom: auction.from,
    cashAuctionUntil: auction.until,
    preOpenFrom: rule.pre_open === null ? null : at(rule.pre_open[0]),
    special,
  }
  return { day, spans }
}

/** Sessions with hours of their own: open or closed, without pre-open and auction; settled at the last close. */
function specialTimetable(date: string, note: string, hours: readonly TimeRange[]): Timetable {
  const [first, ...rest] = hours.map(
    ([open, close]): Span => ({ phase: 'open', from: istInstant(date, open), until: istInstant(date, close) }),
  )
  if (first === undefined) throw new RangeError(`the special session of ${date} has no hours`)
  const tradeEndsAt = (rest.at(-1) ?? first).until
  const day: TradingDay = {
    date,
    opensAt: first.from,
    tradeEndsAt,
    settlementFixAt: tradeEndsAt,
    frozenFrom: null,
    frozenUntil: null,
    cashAuctionFrom: null,
    cashAuctionUntil: null,
    preOpenFrom: null,
    special: note,
  }
  return { day, spans: [first, ...rest] }
}

function isWeekend(date: string): boolean {
  const day = weekday(date)
  return day === 0 || day === 6
}

function frozenAt(day: TradingDay, epochMs: number): boolean {
  return day.frozenFrom !== null && day.frozenUntil !== null && epochMs >= day.frozenFrom && epochMs < day.frozenUntil
}

/** The days of the data, without the time of day. */
function createDays(data: CalendarData) {
  const rules = [...data.sessions].sort((a, b) => (a.from < b.from ? -1 : 1))
  const years = new Set(data.years)
  const specialOf = (date: string) => data.special_sessions[date] ?? null
  const holidayOf = (date: string) => data.holidays[date] ?? null
  const isTradingDay = (date: string) => specialOf(date) !== null || (holidayOf(date) === null && !isWeekend(date))
  const knownYear = (date: string) => years.has(Number(date.slice(0, 4)))

  /** By the rules of the date, whether it is a trading day or not. */
  const timetable = (date: string): Timetable => {
    const special = specialOf(date)
    if (special === null || special.hours === 'regular') {
      return regularTimetable(date, ruleOf(rules, date), special?.note ?? null)
    }
    return specialTimetable(date, special.note, special.hours)
  }

  /** Asked for the same day over and over: the last answer is kept. */
  let latest: { readonly date: string; readonly today: Timetable | null } | null = null
  const todayOf = (date: string): Timetable | null => {
    if (latest?.date !== date) latest = { date, today: isTradingDay(date) ? timetable(date) : null }
    return latest.today
  }

  const walk = (date: string, step: 1 | -1): string => {
    let candidate = addDays(date, step)
    while (!isTradingDay(candidate)) candidate = addDays(candidate, step)
    return candidate
  }

  const warningOf = (date: string): string | null =>
    knownYear(date) ? null : `the holidays of ${date.slice(0, 4)} are not known: every weekday counts as a trading day`

  return { holidayOf, isTradingDay, knownYear, timetable, todayOf, walk, warningOf }
}

/** A calendar of dated data; pure, the same on a host of any time zone. */
export function createCalendar(data: CalendarData): Calendar {
  const { holidayOf, isTradingDay, knownYear, timetable, todayOf, walk, warningOf } = createDays(data)

  /** Between sessions, at night, on weekends and holidays. */
  const closedAt = (epochMs: number, date: string, today: Timetable | null): PhaseAt => {
    const holiday = today === null ? holidayOf(date) : null
    const before = today?.spans.findLast((span) => span.until <= epochMs)
    const after = today?.spans.find((span) => span.from > epochMs)
    return {
      phase: holiday === null ? 'closed' : 'holiday',
      date,
      since: before?.until ?? timetable(walk(date, -1)).day.tradeEndsAt,
      until: after?.from ?? timetable(walk(date, 1)).spans[0].from,
      note: holiday ?? today?.day.special ?? warningOf(date),
      optionsTrade: false,
      indexFrozen: false,
    }
  }

  const phaseAt = (epochMs: number): PhaseAt => {
    const date = istDate(epochMs)
    const today = todayOf(date)
    const span = today?.spans.find((candidate) => epochMs >= candidate.from && epochMs < candidate.until)
    if (today === null || span === undefined) return closedAt(epochMs, date, today)
    return {
      phase: span.phase,
      date,
      since: span.from,
      until: span.until,
      note: today.day.special ?? warningOf(date),
      optionsTrade: span.phase !== 'pre_open',
      indexFrozen: frozenAt(today.day, epochMs),
    }
  }

  return {
    isTradingDay,
    day: (date) => todayOf(date)?.day ?? null,
    phaseAt,
    nextTradingDay: (date) => walk(date, 1),
    previousTradingDay: (date) => walk(date, -1),
    settlementFixAt: (expiry) => timetable(expiry).day.settlementFixAt,
    knownYear,
  }
}
