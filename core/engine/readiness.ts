import type { Calendar, PhaseAt, TradingDay } from '../domain/calendar.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import type { Source } from '../domain/instrument.ts'
import type { DayChanges } from '../domain/instrument-changes.ts'
import { addDays, istDate, istInstant, istTime, weekday } from '../domain/ist.ts'
import { groupBy } from '../kernel/group-by.ts'
import type { ComponentStatus } from '../kernel/lifecycle.ts'
import { dayName, grouped, WEEKDAYS } from './day-words.ts'
import type { DumpInUse } from './dump-shelf.ts'
import { instrumentNews } from './instrument-news.ts'

export interface ReadinessItem {
  readonly name: string
  readonly title: string
  /** `none`: nothing to check here. */
  readonly state: 'pass' | 'warn' | 'fail' | 'none'
  readonly detail: string
  /** What to do; null when nothing. */
  readonly remedy: string | null
}

export interface Readiness {
  readonly state: 'pass' | 'warn' | 'fail'
  readonly sentence: string
  readonly items: readonly ReadinessItem[]
}

export interface ReadinessFacts {
  readonly source: Source
  /** Market time. */
  readonly now: number
  readonly wallNow: number
  readonly calendar: Calendar
  readonly dumps: readonly DumpInUse[]
  /** Market date that the instruments in use were read for; null = none were read yet. */
  readonly universeDate: string | null
  readonly expiries: readonly { readonly index: IndexName; readonly expiries: readonly string[] }[]
  /** What the list of each exchange has changed; empty while that is not known. */
  readonly changes: readonly DayChanges[]
  readonly market: ComponentStatus
  readonly feed: ComponentStatus
  readonly journal: ComponentStatus
  /** By consumer, batches that it has not taken yet. */
  readonly pending: Readonly<Record<string, number>>
  readonly behind: readonly ComponentStatus[]
  /** Market time; null while collecting goes on. */
  readonly pausedSince: number | null
  /** How far this computer's clock is ahead of the exchange's, ms; null = not measured. */
  readonly skewMs: number | null
  readonly disk: { readonly freeBytes: number | null; readonly daysLeft: number | null }
  readonly memory: { readonly bytes: number; readonly limitBytes: number }
  readonly dataFolder: { readonly path: string; readonly writable: boolean; readonly syncedBy: string | null }
  readonly platform: string
  /** Whether the desktop keeps the machine awake in market hours; null where nothing can. */
  readonly keepsAwake: boolean | null
  readonly token: { readonly state: string; readonly endsAt: number | null }
  /** The zone of this computer, as it calls it. */
  readonly timeZone: string
}

/** One check; `detail` and `remedy` in words for the operator. */
type Verdict = Omit<ReadinessItem, 'name' | 'title'>

const pass = (detail: string): Verdict => ({ state: 'pass', detail, remedy: null })
const none = (detail: string, remedy: string | null = null): Verdict => ({ state: 'none', detail, remedy })
const warn = (detail: string, remedy: string): Verdict => ({ state: 'warn', detail, remedy })
const fail = (detail: string, remedy: string): Verdict => ({ state: 'fail', detail, remedy })

const CHECKS: readonly (readonly [name: string, title: string, judge: (facts: ReadinessFacts) => Verdict])[] = [
  ['session', 'Session', judgeSession],
  ['collecting', 'Collecting', judgeCollecting],
  ['token', 'Kite login', judgeToken],
  ['instruments', 'Instruments of today', judgeInstruments],
  ['expiries', 'Expiries', judgeExpiries],
  ['changes', 'New today', judgeChanges],
  ['record', 'Record', judgeRecord],
  ['disk', 'Disk', judgeDisk],
  ['data_folder', 'Data folder', judgeDataFolder],
  ['clock', 'Clock', judgeClock],
  ['memory', 'Memory', judgeMemory],
  ['power', 'Power', judgePower],
  ['time_zone', 'Time zone', judgeTimeZone],
  ['backup', 'Backup', () => none('Comes with backup and restore.')],
]

/** Whether the session that goes on, or the next one, can be recorded: every check, and one sentence that says it all. */
export function judgeReadiness(facts: ReadinessFacts): Readiness {
  const items = CHECKS.map(([name, title, judge]) => ({ name, title, ...judge(facts) }))
  const failed = items.filter(({ state }) => state === 'fail')
  const warned = items.filter(({ state }) => state === 'warn')
  const state = failed.length > 0 ? 'fail' : warned.length > 0 ? 'warn' : 'pass'
  return { state, sentence: sentenceOf(facts, failed, warned), items }
}

function sentenceOf(facts: ReadinessFacts, failed: readonly ReadinessItem[], warned: readonly ReadinessItem[]): string {
  const { phase, day } = nextSession(facts)
  const session = phase.optionsTrade ? "today's session" : `the session of ${dayName(day.date)}`
  if (failed.length > 0) return `Not ready for ${session}: ${listed(failed)}.`
  const others = warned.filter(({ name }) => name !== 'collecting')
  if (facts.pausedSince !== null)
    return `Collecting is paused: nothing of ${session} is recorded${others.length === 0 ? '' : `; look at ${listed(others)}`}.`
  const ready = phase.optionsTrade ? "Today's session is being recorded" : `Ready for ${session}, ${hours(day)}`
  return warned.length === 0 ? `${ready}.` : `${ready}; look at ${listed(warned)}.`
}

function listed(items: readonly ReadinessItem[]): string {
  return items.map(({ title }) => title.toLowerCase().replace('kite', 'Kite')).join(', ')
}

/** The session that goes on, or the next one. */
function nextSession({ calendar, now }: ReadinessFacts): { readonly phase: PhaseAt; readonly day: TradingDay } {
  const phase = calendar.phaseAt(now)
  const today = calendar.day(phase.date)
  if (today !== null && now < today.tradeEndsAt) return { phase, day: today }
  const next = calendar.day(calendar.nextTradingDay(phase.date))
  if (next === null) throw new RangeError(`the calendar knows no session after ${phase.date}`)
  return { phase, day: next }
}

function judgeSession(facts: ReadinessFacts): Verdict {
  const { calendar, now } = facts
  const { phase, day } = nextSession(facts)
  const isToday = day.date === istDate(now)
  const what = isToday ? `Today ${hours(day)}` : `Next ${dayName(day.date)}, ${hours(day)}`
  const special = day.special === null ? '' : `, ${day.special}`
  const holiday = phase.phase === 'holiday' && phase.note !== null ? `Holiday today (${phase.note}). ` : ''
  const detail = `${holiday}${what}${special}.`
  if (calendar.knownYear(day.date)) return pass(detail)
  return warn(
    `${detail} The holidays of ${day.date.slice(0, 4)} are not known: every weekday counts as a trading day.`,
    'Update the product, or put the holidays into calendar.json in the data folder.',
  )
}

/** How long a connection may take to be made, or made again. */
const CONNECT_MS = 10_000

function judgeCollecting({ calendar, now, wallNow, pausedSince, feed, market }: ReadinessFacts): Verdict {
  if (pausedSince !== null)
    return warn(`Paused since ${istTime(pausedSince)} IST: nothing is recorded.`, 'Resume collecting.')
  const issue = market.issue ?? feed.issue
  if (issue === 'login_required') return warn('Waits for the Kite login.', LOGIN)
  if (issue === null) return pass(feed.state === 'running' ? 'The feed is connected.' : 'The feed is not needed yet.')
  // Before the session there is still time, and a connection that is being made is no trouble yet.
  const lastsMs = wallNow - (market.issue === null ? feed : market).since
  const judge = calendar.phaseAt(now).optionsTrade && lastsMs > CONNECT_MS ? fail : warn
  return judge(
    capitalised(market.detail ?? feed.detail ?? issue.replaceAll('_', ' ')),
    'It is tried again by itself; the table of components says what can be done.',
  )
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

const LOGIN = 'Log in to Kite and set the new KITE_ACCESS_TOKEN; it is taken up without a restart.'

function judgeToken(facts: ReadinessFacts): Verdict {
  const { state, endsAt } = facts.token
  if (state === 'not_needed')
    return none(`Not needed: the data is ${facts.source === 'replay' ? 'replayed' : 'simulated'}.`)
  if (state === 'missing') return fail('There is no access token.', LOGIN)
  if (state === 'expired') return fail('Kite does not accept the access token.', LOGIN)
  if (state !== 'valid' || endsAt === null) return warn('Whether the access token is good is not known yet.', LOGIN)
  const until = `Valid until ${istTime(endsAt).slice(0, 5)} IST of ${dayName(istDate(endsAt))}.`
  const { day } = nextSession(facts)
  if (endsAt >= day.tradeEndsAt) return pass(until)
  return warn(
    `${until} It does not last for the session of ${dayName(day.date)}.`,
    `After six in the morning: ${LOGIN}`,
  )
}

function judgeInstruments({ dumps, universeDate, now }: ReadinessFacts): Verdict {
  const wait = 'It is asked for again by itself; Kite publishes it at about 08:30 IST.'
  if (universeDate === null || dumps.length === 0) return fail('No list of instruments was read yet.', wait)
  const said = dumps.map(({ exchange, contracts }) => `${grouped(contracts)} of ${exchange}`).join(', ')
  const readAt = Math.min(...dumps.map((dump) => dump.readAt))
  const detail = `Read ${istDate(readAt) === istDate(now) ? 'today' : dayName(istDate(readAt))} at ${istTime(readAt)} IST: ${said}.`
  return universeDate === istDate(now) && istDate(readAt) === istDate(now)
    ? pass(detail)
    : warn(`${detail} It is not the list of today.`, wait)
}

function judgeExpiries({ calendar, expiries, now }: ReadinessFacts): Verdict {
  if (expiries.length === 0) return none('Not known before the instruments are read.')
  const today = istDate(now)
  const byWhen = groupBy(
    expiries.flatMap(({ index, expiries: dates }) => {
      const nearest = dates.find((date) => date >= today)
      return nearest === undefined ? [] : [{ index, when: expiryWords(calendar, nearest, today, usualWeekday(dates)) }]
    }),
    ({ when }) => when,
  )
  return pass(
    `${[...byWhen].map(([when, rows]) => `${rows.map(({ index }) => index).join(', ')}: ${when}`).join('; ')}.`,
  )
}

/** `expiry today, Monday instead of Tuesday (holiday: Guru Nanak Jayanti)`, `next on Thu 26 Nov`. */
function expiryWords(calendar: Calendar, date: string, today: string, usual: number | null): string {
  const shift =
    usual === null || usual === weekday(date)
      ? ''
      : ` instead of ${WEEKDAYS[usual]}${holidayWords(calendar, addDays(date, (usual - weekday(date) + 7) % 7))}`
  return `${date === today ? `expiry today, ${WEEKDAYS[weekday(date)]}` : `next on ${dayName(date)}`}${shift}`
}

/** Why options do not trade on a day on which they would expire; empty where they do. */
function holidayWords(calendar: Calendar, date: string): string {
  if (calendar.day(date) !== null) return ''
  const { note } = calendar.phaseAt(istInstant(date, '12:00'))
  return note === null ? ' (holiday)' : ` (holiday: ${note})`
}

/** The weekday on which most of the listed expiries fall; null when no weekday has more than half of them. */
function usualWeekday(dates: readonly string[]): number | null {
  const days = dates.map(weekday)
  return days.find((day) => 2 * days.filter((other) => other === day).length > days.length) ?? null
}

/** Expiries, lots, strikes and tokens against the list of the day before: what surprises who trades by habit. */
function judgeChanges({ changes, expiries, now }: ReadinessFacts): Verdict {
  const known = changes.flatMap((one) => one.changes ?? [])
  const previous = changes
    .flatMap((one) => one.previous ?? [])
    .toSorted()
    .at(-1)
  if (known.length === 0 || previous === undefined)
    return none('No earlier list of contracts is on record to compare with.')
  const indices = expiries.map(({ index }) => index)
  const news = instrumentNews(known, indices, istDate(now))
  if (news === '') return pass(`Nothing since ${dayName(previous)}: the same expiries, lots and strikes.`)
  return pass(`${news}. Compared with ${dayName(previous)}.`)
}

/** Of a second's traffic. */
const MOST_PENDING = 200

function judgeRecord({ journal, pending, behind }: ReadinessFacts): Verdict {
  if (journal.state !== 'running')
    return fail(
      `The journal is ${journal.state}${journal.detail === null ? '' : `: ${journal.detail}`}.`,
      'Free disk space and check the disk; what is dropped meanwhile is recorded as a gap.',
    )
  const late = Object.entries(pending).filter(([, count]) => count > MOST_PENDING)
  const trouble = behind.find(({ issue }) => issue !== null)
  if (trouble !== undefined)
    return warn(`${trouble.detail ?? 'A consumer is behind'}.`, 'It catches up by itself; the journal has everything.')
  if (late.length === 0) return pass('The journal is durable, and everybody who reads it is level.')
  const said = late.map(([name, count]) => `${name} is ${grouped(count)} batches behind`).join(', ')
  return warn(`The journal is durable; ${said}.`, 'It catches up by itself; if it does not, the disk is too slow.')
}

const LEAST_FREE_BYTES = 2e9
const FEW_DAYS = 5
const FREE_SPACE = 'Free disk space, or choose a folder on a larger disk with DATA_DIR.'

function judgeDisk({ disk: { freeBytes, daysLeft } }: ReadinessFacts): Verdict {
  if (freeBytes === null) return warn('The free space could not be read.', 'Check the disk of the data folder.')
  const free = `${(freeBytes / 1e9).toFixed(1)} GB free`
  if (freeBytes < LEAST_FREE_BYTES || (daysLeft !== null && daysLeft < 1)) return fail(`${free}.`, FREE_SPACE)
  if (daysLeft === null) return pass(`${free}; what a day takes is not measured yet.`)
  const detail = `${free}, enough for ${grouped(Math.floor(daysLeft))} trading days at the measured rate.`
  return daysLeft < FEW_DAYS ? warn(detail, FREE_SPACE) : pass(detail)
}

function judgeDataFolder({ dataFolder: { path, writable, syncedBy } }: ReadinessFacts): Verdict {
  if (!writable)
    return fail(`${path} cannot be written.`, 'Give this user write permission there, or choose another DATA_DIR.')
  if (syncedBy === null) return pass(`${path}: local and writable.`)
  return fail(`${path} is synchronised by ${syncedBy}.`, 'Choose a folder that nothing synchronises with DATA_DIR.')
}

/** The exchange says whole seconds and packets take their way: so much ahead is none of the clock's doing. */
const AHEAD_MS = 3_000
const BEHIND_MS = -1_000
const FAR_MS = 60_000

function judgeClock({ source, skewMs }: ReadinessFacts): Verdict {
  if (source !== 'kite') return none('A market that is not live keeps its own time.')
  if (skewMs === null) return none('Compared with the exchange as soon as packets come.')
  if (skewMs <= AHEAD_MS && skewMs >= BEHIND_MS) return pass('Agrees with the exchange.')
  const detail = `${(Math.abs(skewMs) / 1000).toFixed(1)} s ${skewMs > 0 ? 'ahead of' : 'behind'} the exchange.`
  const judge = Math.abs(skewMs) > FAR_MS ? fail : warn
  return judge(detail, 'Let the system set its clock from the network (NTP); is it right, the network delays the feed.')
}

function judgeMemory({ memory: { bytes, limitBytes } }: ReadinessFacts): Verdict {
  const share = bytes / limitBytes
  const detail = `${grouped(Math.round(bytes / 1e6))} MB in use, ${Math.round(100 * share)}% of MAX_MEMORY_USAGE_MB.`
  return share > 0.9
    ? warn(detail, 'Restart outside market hours, or raise MAX_MEMORY_USAGE_MB where the machine has more.')
    : pass(detail)
}

const SLEEP_SETTINGS = 'Set the power plan so that the machine does not sleep in market hours.'

function judgePower({ platform, keepsAwake }: ReadinessFacts): Verdict {
  if (keepsAwake === true) return pass('The machine is kept awake in market hours.')
  if (keepsAwake === false) return warn('The machine may go to sleep in market hours.', SLEEP_SETTINGS)
  if (platform === 'linux') return none('The settings of sleep are not read on Linux.')
  return none('The power plan is not read: a sleep stands in the record as a gap.', SLEEP_SETTINGS)
}

function judgeTimeZone({ timeZone }: ReadinessFacts): Verdict {
  const detail = `This computer is in ${timeZone}`
  return pass(
    timeZone === 'Asia/Kolkata' || timeZone === 'Asia/Calcutta' ? `${detail}.` : `${detail}; all times here are IST.`,
  )
}

function hours({ opensAt, tradeEndsAt }: TradingDay): string {
  return `${istTime(opensAt).slice(0, 5)} to ${istTime(tradeEndsAt).slice(0, 5)} IST`
}
