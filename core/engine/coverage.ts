import type { Calendar } from '../domain/calendar.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import { addDays, istDate, istInstant } from '../domain/ist.ts'
import { openStretches } from './open-stretches.ts'

export type Stretch = readonly [from: number, to: number]

/** How much of a trading day's session is there, by index; begins anew with the next session. */
export interface Coverage {
  /** Notes that packets are missing; null = of all indices. `now` is market time. */
  add(now: number, index: IndexName | null, from: number, to: number): void
  /** Share of the session so far of which nothing is missing, `alsoMissing` included; 1 when none has begun. */
  ratio(index: IndexName, now: number, alsoMissing: readonly Stretch[]): number
}

export function createCoverage(calendar: Calendar): Coverage {
  let date = ''
  let missing: { readonly index: IndexName | null; readonly from: number; readonly to: number }[] = []
  const turnTo = (now: number) => {
    const latest = latestSession(calendar, now)
    if (latest !== date) missing = []
    date = latest
  }
  return {
    add(now, index, from, to) {
      turnTo(now)
      const last = missing.at(-1)
      if (last?.index === index && last.to === from) missing[missing.length - 1] = { ...last, to }
      else if (to > istInstant(date)) missing.push({ index, from, to })
    },
    ratio(index, now, alsoMissing) {
      turnTo(now)
      const own = missing.filter((one) => one.index === null || one.index === index)
      const stretches = [...own.map(({ from, to }): Stretch => [from, to]), ...alsoMissing]
      return coverageOf(calendar, date, [istInstant(date), now], stretches) ?? 1
    },
  }
}

/** The trading day whose session began last. */
export function latestSession(calendar: Calendar, now: number): string {
  const today = istDate(now)
  const day = calendar.day(today)
  return day !== null && day.opensAt <= now ? today : calendar.previousTradingDay(today)
}

/** Share of a day's session, as far as it lies within `[from, now]`, that nothing missing touches; null for none. */
export function coverageOf(
  calendar: Calendar,
  date: string,
  [from, now]: Stretch,
  missing: readonly Stretch[],
): number | null {
  const elapsed = lengthOf(sessionParts(calendar, date, [from, now]))
  if (elapsed === 0) return null
  const within = missing.map(([start, end]) => [Math.max(start, from), Math.min(end, now)] as const)
  return 1 - lengthOf(within.flatMap((stretch) => sessionParts(calendar, date, stretch))) / elapsed
}

/** The parts of a stretch that lie in the session of a day. */
export function sessionParts(calendar: Calendar, date: string, [from, to]: Stretch): readonly Stretch[] {
  const end = Math.min(to, istInstant(addDays(date, 1)))
  return openStretches(calendar, Math.max(from, istInstant(date)), end, 0)
}

/** Milliseconds that stretches cover together; where they overlap counts once. */
function lengthOf(stretches: readonly Stretch[]): number {
  let length = 0
  let reached = Number.NEGATIVE_INFINITY
  for (const [from, to] of stretches.toSorted((a, b) => a[0] - b[0])) {
    length += Math.max(0, to - Math.max(from, reached))
    reached = Math.max(reached, to)
  }
  return length
}
