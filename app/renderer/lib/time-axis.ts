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

/** `2026-11-23 10:15:30`, IST: of a table, where times are sorted and calculated with. */
export function tableTime(time: number): string {
  return `${istDate(time)} ${istTime(time)}`
}

export interface RoundScale {
  readonly domain: readonly [number, number]
  readonly ticks: readonly number[]
  /** Decimals that tell the ticks apart. */
  readonly digits: number
}

/** A scale from a round number to another around a range, with about `room` ticks. */
export function roundScale([low, high]: readonly [number, number], room: number): RoundScale {
  const span = high > low ? high - low : Math.max(1e-9, Math.abs(high) * 0.02)
  const [from, to] = high > low ? [low, high] : [low - span / 2, high + span / 2]
  const step = roundStep((to - from) / Math.max(1, room))
  const domain = [tidy(step * Math.floor(from / step)), tidy(step * Math.ceil(to / step))] as const
  const twoFigures = Math.abs(step / 10 ** Math.floor(Math.log10(step)) - 2.5) < 1e-9
  const digits = Math.max(0, (twoFigures ? 1 : 0) - Math.floor(Math.log10(step) + 1e-9))
  return { domain, ticks: roundTicks(domain[0], domain[1], room + 2, step), digits }
}

/** Without the dust of binary fractions. */
const tidy = (value: number): number => Number(value.toPrecision(12))

/** Round numbers from `from` to `to`, `room` of them at most; multiples of `step` where it is given. */
export function roundTicks(from: number, to: number, room: number, given?: number): readonly number[] {
  if (!(to > from)) return []
  const step = given ?? roundStep((to - from) / Math.max(1, room))
  const first = Math.ceil(from / step - 1e-9)
  const count = Math.floor(to / step + 1e-9) - first + 1
  return Array.from({ length: count }, (_, place) => tidy((first + place) * step))
}

/** The least of 1, 2, 2.5, 5 and 10 times a power of ten that is no less. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return power * ([1, 2, 2.5, 5, 10].find((one) => one * power >= least * (1 - 1e-9)) ?? 10)
}
