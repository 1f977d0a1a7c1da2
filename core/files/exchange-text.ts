import { addDays, istInstant, parseInstant } from '../domain/ist.ts'

/** A number as an exchange writes it: a number, or text with thousands separators; `-`, blank and the rest are none. */
export function figure(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'string') return null
  const digits = value.replace(/[,\s₹%]/g, '')
  const number = digits === '' ? Number.NaN : Number(digits)
  return Number.isFinite(number) ? number : null
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const YEAR_FIRST = /^(\d{4})[-/. ]?(\d{2})[-/. ]?(\d{2})(?!\d)/
const DAY_FIRST = /^(\d{1,2})[-/. ]?(\d{2}|[a-z]{3,9})[-/. ]?(\d{4}|\d{2})(?!\d)/
const MONTH_FIRST = /^([a-z]{3,9})[-/. ]?(\d{1,2})[-/. ]+(\d{4})(?!\d)/
const TIME = /^[t ]*(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*([ap]m)?/
/** The market closes no earlier: what a date alone is taken for. */
const CLOSE = '15:30'

/**
 * The date of a text as exchanges write it, `YYYY-MM-DD`: 17-Jul-2025, 14-07-2026, 14/07/2026, 03 Sep 2026, 2026-07-14,
 * Jul 17 2025, 14JUL26. Day before month, as in India. Null for anything else, and for days that do not exist.
 */
export function exchangeDate(text: unknown): string | null {
  return typeof text === 'string' ? (splitDate(text)?.date ?? null) : null
}

/**
 * The instant of a text as exchanges write it, IST when it names no zone: `17-Jul-2025 15:30:00`, `25 Jun 2026 | 15:30`,
 * `As on Jul 10, 2026 15:30:00 IST`, ISO, or epoch seconds or milliseconds. A date alone is that day's close.
 */
export function exchangeInstant(value: unknown): number | null {
  const number = figure(value)
  if (number !== null) return fromEpoch(number)
  if (typeof value !== 'string') return null
  const iso = parseInstant(value.trim())
  if (iso !== null) return iso
  const split = splitDate(value)
  if (split === null) return null
  const time = split.rest.trim() === '' ? CLOSE : timeOfDay(split.rest)
  return time === null ? null : istInstant(split.date, time)
}

/** Seconds or milliseconds, told apart by size: both mean a day of this century. */
function fromEpoch(number: number): number | null {
  if (number > 1e11) return number
  return number > 1e9 ? number * 1000 : null
}

/** `HH:MM:SS` of a time of day, on 12 or 24 hours. */
function timeOfDay(text: string): string | null {
  const time = TIME.exec(text)
  if (time === null) return null
  const [, hour = '', minute = '', second = '00', half] = time
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half === 'pm' ? 12 : 0)
  if (hours > 23 || Number(minute) > 59 || Number(second) > 59) return null
  return `${String(hours).padStart(2, '0')}:${minute}:${second}`
}

interface SplitDate {
  readonly date: string
  readonly rest: string
}

function splitDate(text: string): SplitDate | null {
  const plain = text
    .toLowerCase()
    .replace(/^\s*as on\s*/, '')
    .replace(/[|,]/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/ist\s*$/, '')
    .trim()
  const yearFirst = YEAR_FIRST.exec(plain)
  if (yearFirst !== null) return splitAt(plain, yearFirst[0], yearFirst[1], yearFirst[2], yearFirst[3])
  const dayFirst = DAY_FIRST.exec(plain)
  if (dayFirst !== null) return splitAt(plain, dayFirst[0], dayFirst[3], dayFirst[2], dayFirst[1])
  const monthFirst = MONTH_FIRST.exec(plain)
  return monthFirst === null ? null : splitAt(plain, monthFirst[0], monthFirst[3], monthFirst[1], monthFirst[2])
}

function splitAt(text: string, matched: string, year = '', month = '', day = ''): SplitDate | null {
  const named = MONTHS.indexOf(month.slice(0, 3)) + 1
  const two = (value: string | number) => String(value).padStart(2, '0')
  const date = `${year.length === 2 ? `20${year}` : year}-${two(named > 0 ? named : month)}-${two(day)}`
  const exists = !Number.isNaN(Date.parse(`${date}T00:00:00Z`)) && addDays(date, 0) === date
  return exists ? { date, rest: text.slice(matched.length) } : null
}
