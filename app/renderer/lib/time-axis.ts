import { DAY_MS, istDate, istInstant, istTime } from '../../../core/domain/ist.ts'
import { formatDay } from './format.ts'

const MINUTE_MS = 60_000
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 240].map((minutes) => minutes * MINUTE_MS)

/** Whole minutes or hours of IST within a stretch, `room` of them at most. */
export function timeTicks(from: number, to: number, room: number): readonly number[] {
  if (!(to > from)) return []
  const step = STEPS.find((one) => (to - from) / one <= Math.max(1, room)) ?? DAY_MS
  const midnight = istInstant(istDate(from))
  const ticks: number[] = []
  for (let at = midnight + step * Math.ceil((from - midnight) / step); at <= to; at += step) ticks.push(at)
  return ticks
}

/** `10:15`, IST. */
export function hourMinute(time: number): string {
  return istTime(time).slice(0, 5)
}

/** `23 Nov 10:15:30 IST`. */
export function momentText(time: number): string {
  return `${formatDay(istDate(time))} ${istTime(time)} IST`
}

/** Round numbers from `from` to `to`, `room` of them at most. */
export function roundTicks(from: number, to: number, room: number): readonly number[] {
  if (!(to > from)) return []
  const step = roundStep((to - from) / Math.max(1, room))
  const first = Math.ceil(from / step)
  const count = Math.floor(to / step) - first + 1
  return Array.from({ length: count }, (_, place) => Number(((first + place) * step).toPrecision(12)))
}

/** The least of 1, 2, 2.5, 5 and 10 times a power of ten that is no less. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return power * ([1, 2, 2.5, 5, 10].find((one) => one * power >= least) ?? 10)
}
