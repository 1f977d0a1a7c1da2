/** Asia/Kolkata has been UTC+05:30 without daylight saving since 1945: plain arithmetic, whatever the host's zone. */
const IST_OFFSET_MS = 5.5 * 3_600_000
export const DAY_MS = 86_400_000

/** `YYYY-MM-DD` of an instant, in IST. */
export function istDate(epochMs: number): string {
  return new Date(epochMs + IST_OFFSET_MS).toISOString().slice(0, 10)
}

/** `HH:MM:SS` of an instant, in IST. */
export function istTime(epochMs: number): string {
  return new Date(epochMs + IST_OFFSET_MS).toISOString().slice(11, 19)
}

/** Instant of an IST date (`YYYY-MM-DD`) and time of day (`HH:MM` or `HH:MM:SS`), epoch milliseconds. */
export function istInstant(date: string, time = '00:00'): number {
  const full = time.length === 5 ? `${time}:00` : time
  return Date.parse(`${date}T${full}.000Z`) - IST_OFFSET_MS
}

/** `2026-11-23T10:00:00.123+05:30`: how API bodies write an instant. */
export function formatIst(epochMs: number): string {
  return `${new Date(epochMs + IST_OFFSET_MS).toISOString().slice(0, 23)}+05:30`
}

/** `2026-11-23 10:00:00`: how Kite writes an instant, IST without an offset. */
export function formatKiteTime(epochMs: number): string {
  return `${istDate(epochMs)} ${istTime(epochMs)}`
}

/** Adds days to a `YYYY-MM-DD` date. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

/** Day of the week of a `YYYY-MM-DD` date, 0 = Sunday. */
export function weekday(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay()
}

const ISO_DATE_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:?\d{2})?$/

/**
 * Reads an instant as users write it: epoch milliseconds, or an ISO date and time.
 * Without an offset the time is IST. Returns null for anything else.
 */
export function parseInstant(text: string): number | null {
  if (/^\d{12,14}$/.test(text)) return Number(text)
  const match = ISO_DATE_TIME.exec(text)
  if (match === null) return null
  const withZone = match[3] === undefined ? `${text.replace(' ', 'T')}+05:30` : text.replace(' ', 'T')
  const epochMs = Date.parse(withZone)
  if (Number.isNaN(epochMs)) return null
  // The 30th of February would pass as the 2nd of March.
  const date = text.slice(0, 10)
  return addDays(date, 0) === date ? epochMs : null
}
