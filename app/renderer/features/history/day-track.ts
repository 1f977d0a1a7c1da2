import type { RecordedDay } from '../../../../core/contract/history.ts'
import { istInstant } from '../../../../core/domain/ist.ts'
import type { GapCause } from '../../../../core/domain/journal-entry.ts'

/** From one instant to another, epoch milliseconds. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** A recorded day of one index as the scrubber shows it. */
export interface DayTrack extends Stretch {
  readonly date: string
  readonly source: RecordedDay['source']
  /** From the first to the last leg; null when there is none. */
  readonly recorded: Stretch | null
  readonly phases: readonly (Stretch & { readonly phase: string })[]
  readonly gaps: readonly (Stretch & { readonly cause: GapCause })[]
  readonly expiries: RecordedDay['expiries']
}

const stretchOf = ({ from, to }: { readonly from: string; readonly to: string }): Stretch => ({
  from: Date.parse(from),
  to: Date.parse(to),
})

/** The track reaches over the session and whatever is recorded beside it. */
export function readTrack({ date, source, recorded, phases, gaps, expiries }: RecordedDay): DayTrack {
  const known = recorded === null ? null : stretchOf(recorded)
  const session = phases.map((span) => ({ ...stretchOf(span), phase: span.phase }))
  const stretches: readonly Stretch[] = known === null ? session : [...session, known]
  const day = stretches.length === 0 ? [{ from: istInstant(date, '09:00'), to: istInstant(date, '15:40') }] : stretches
  return {
    date,
    source,
    from: Math.min(...day.map(({ from }) => from)),
    to: Math.max(...day.map(({ to }) => to)),
    recorded: known,
    phases: session,
    gaps: gaps.map((gap) => ({ ...stretchOf(gap), cause: gap.cause })),
    expiries,
  }
}

/** Why nothing, or not all, is on record at an instant; null where it is. */
export type Hole =
  | { readonly kind: 'empty' }
  | { readonly kind: 'before'; readonly from: number }
  | { readonly kind: 'after'; readonly to: number }
  | ({ readonly kind: 'gap' } & DayTrack['gaps'][number])

/** How long after its last leg a record still says what is so. */
const QUIET_MS = 10_000

export function holeAt({ recorded, gaps, phases }: DayTrack, at: number): Hole | null {
  if (recorded === null) return { kind: 'empty' }
  if (at < recorded.from) return { kind: 'before', from: recorded.from }
  const gap = gaps.find(({ from, to }) => from < at && at < to)
  if (gap !== undefined) return { kind: 'gap', ...gap }
  const isSession = phases.some(({ from, to }) => from <= at && at < to)
  return isSession && at > recorded.to + QUIET_MS ? { kind: 'after', to: recorded.to } : null
}

/** The phase of the session at an instant, and when it ends; null outside of a session. */
export function phaseOf({ phases }: DayTrack, at: number) {
  return phases.find(({ from, to }) => from <= at && at < to) ?? null
}
