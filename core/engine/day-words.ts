import { weekday } from '../domain/ist.ts'

/** Sunday is 0. */
export const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** `2026-11-23` as `Mon 23 Nov`. */
export function dayName(date: string): string {
  const month = MONTHS[Number(date.slice(5, 7)) - 1] ?? ''
  return `${(WEEKDAYS[weekday(date)] ?? '').slice(0, 3)} ${Number(date.slice(8))} ${month}`
}

/** With the commas of lakh and crore. */
export function grouped(value: number): string {
  return value.toLocaleString('en-IN')
}
