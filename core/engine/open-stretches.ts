import type { Calendar } from '../domain/calendar.ts'
import { addDays, istDate, istInstant } from '../domain/ist.ts'

/** Of a longer stop only the sessions of so many days are written down. */
const MAX_DAYS_BACK = 31
/** Stops shorter than this are within the cadence of the feed. */
const SHORTEST_MS = 1_000

/** The parts of [from, to) in which options traded, at most `MAX_DAYS_BACK` days back; those too short are left out. */
export function openStretches(
  calendar: Calendar,
  from: number,
  to: number,
  shortestMs = SHORTEST_MS,
): readonly (readonly [number, number])[] {
  const oldest = istInstant(addDays(istDate(to), -MAX_DAYS_BACK))
  const stretches: [number, number][] = []
  for (let at = Math.max(from, oldest); at < to; ) {
    const { optionsTrade, until } = calendar.phaseAt(at)
    const end = Math.min(until, to)
    const last = stretches.at(-1)
    if (optionsTrade && last?.[1] === at) last[1] = end
    else if (optionsTrade) stretches.push([at, end])
    at = until
  }
  return stretches.filter(([start, end]) => end - start >= shortestMs)
}
