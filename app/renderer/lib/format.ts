import { istDate, istTime } from '../../../core/domain/ist.ts'

/** How numbers are written on screens: Indian grouping, a real minus, a dash for what does not exist. */

export const MISSING = '–'

/** `short`: 12.3L, 1.2Cr, 45K; `full`: 12,34,567. */
export type QuantityStyle = 'short' | 'full'

export type NumberKind =
  | 'price'
  | 'strike'
  | 'change'
  | 'percent'
  | 'change_percent'
  | 'quantity'
  | 'quantity_change'
  | 'iv'
  | 'delta'
  | 'gamma'
  | 'theta'
  | 'vega'
  | 'ratio'
  | 'pcr'
  | 'integer'
  | 'seconds'

const decimals = (least: number, most = least) =>
  new Intl.NumberFormat('en-IN', { minimumFractionDigits: least, maximumFractionDigits: most })

const FORMATS = [0, 1, 2, 3, 4, 5, 6].map((digits) => decimals(digits))
const shortest = decimals(0, 2)

function fixed(value: number, digits: number): string {
  const text = (FORMATS[digits] ?? shortest).format(Math.abs(value))
  // What rounds to nothing has no sign.
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text
}

function signed(text: string, value: number): string {
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text
}

const LAKH = 100_000
const CRORE = 10_000_000

/** A quantity in lakh and crore, three figures or so. */
function short(value: number): string {
  const size = Math.abs(value)
  if (size >= CRORE) return `${fixed(value / CRORE, size >= 10 * CRORE ? 1 : 2)}Cr`
  if (size >= LAKH) return `${fixed(value / LAKH, size >= 10 * LAKH ? 1 : 2)}L`
  if (size >= 1000) return `${fixed(value / 1000, size >= 10_000 ? 1 : 2)}K`
  return fixed(value, Number.isInteger(value) ? 0 : 1)
}

function quantity(value: number, style: QuantityStyle): string {
  return style === 'short' ? short(value) : fixed(value, Number.isInteger(value) ? 0 : 1)
}

/** IV and percents are given as fractions, 0.1432 is 14.32. */
const WRITERS: Readonly<Record<NumberKind, (value: number, style: QuantityStyle) => string>> = {
  price: (value) => fixed(value, 2),
  strike: (value) => shortest.format(value),
  change: (value) => signed(fixed(value, 2), value),
  percent: (value) => `${fixed(100 * value, 1)}%`,
  change_percent: (value) => signed(`${fixed(100 * value, 1)}%`, value),
  quantity: (value, style) => quantity(value, style),
  quantity_change: (value, style) => signed(quantity(value, style), value),
  iv: (value) => fixed(100 * value, 2),
  delta: (value) => fixed(value, 3),
  gamma: (value) => fixed(value, 5),
  // Of a lot near its expiry: paise of thousands of rupees tell nothing.
  theta: (value) => fixed(value, Math.abs(value) >= 1000 ? 0 : 2),
  vega: (value) => fixed(value, 2),
  ratio: (value) => fixed(value, 2),
  // Of a whole chain: through a day it moves in the third decimal.
  pcr: (value) => fixed(value, 4),
  integer: (value) => fixed(value, 0),
  seconds: (value) => seconds(value),
}

/** A number as its kind is written; a dash for null and for what is no number. */
export function formatNumber(kind: NumberKind, value: number | null, style: QuantityStyle = 'full'): string {
  return value === null || !Number.isFinite(value) ? MISSING : WRITERS[kind](value, style)
}

/** A duration given in seconds: `0.3 s`, `42 s`, `3 m 05 s`, `2 h 10 m`, `3 d 4 h`. */
function seconds(value: number): string {
  if (value < 10) return `${value.toFixed(1)} s`
  if (value < 60) return `${Math.floor(value)} s`
  const two = (part: number) => String(Math.floor(part)).padStart(2, '0')
  if (value < 3600) return `${Math.floor(value / 60)} m ${two(value % 60)} s`
  if (value < 86_400) return `${Math.floor(value / 3600)} h ${two((value % 3600) / 60)} m`
  return `${Math.floor(value / 86_400)} d ${Math.floor((value % 86_400) / 3600)} h`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `15:40:00`, and `4 Dec 15:40:00` where that is not the day of `now`. */
export function formatTimeOfDay(time: number, now: number | null): string {
  const isToday = now === null || istDate(time) === istDate(now)
  return isToday ? istTime(time) : `${formatDay(istDate(time))} ${istTime(time)}`
}

/** `2026-11-24` as `24 Nov`. */
export function formatDay(date: string): string {
  const [, month = '', day = ''] = date.split('-')
  return `${Number(day)} ${MONTHS[Number(month) - 1] ?? ''}`
}
