import { istInstant } from '../../../../core/domain/ist.ts'
import type { Stretch } from './day-track.ts'

/** A tick is the next recorded leg of the shown chain, whenever that came. */
export type StepUnit = 'tick' | 'second' | 'minute'

export const SPEEDS = [1, 2, 5, 10, 60] as const
export type Speed = (typeof SPEEDS)[number]

/** States a second while playing; what is received between two of them is in the later one. */
export const FRAMES_PER_SECOND = 10

const UNIT_MS = { second: 1_000, minute: 60_000 } as const

/** The instant so many whole seconds away, or so many minutes; never between two seconds. */
export function stepped(at: number, unit: Exclude<StepUnit, 'tick'>, by: -1 | 1): number {
  if (unit === 'minute') return at + by * UNIT_MS.minute
  return by > 0 ? 1_000 * (Math.floor(at / 1_000) + 1) : 1_000 * (Math.ceil(at / 1_000) - 1)
}

export function within(at: number, { from, to }: Stretch): number {
  return Math.min(Math.max(at, from), to)
}

const TIME = /^([01]?\d|2[0-3])[:.]?([0-5]\d)(?:[:.]?([0-5]\d)(?:\.(\d{1,3}))?)?$/

/** `9:31`, `0931`, `09:31:05` or `09:31:05.250` on a day, IST; null for anything else. */
export function readTime(text: string, date: string): number | null {
  const match = TIME.exec(text.trim())
  if (match === null) return null
  const [, hour = '', minute = '', second = '00', rest = ''] = match
  return istInstant(date, `${hour.padStart(2, '0')}:${minute}:${second}`) + Number(rest.padEnd(3, '0'))
}
