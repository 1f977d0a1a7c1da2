import type { CoverageReport } from '../../../../core/contract/operations.ts'
import { istInstant, istTime } from '../../../../core/domain/ist.ts'
import { formatNumber } from '../../lib/format.ts'

/** A gap as the page shows it, instants in epoch milliseconds. */
export interface ShownGap {
  readonly key: string
  readonly from: number
  readonly to: number
  readonly cause: CoverageReport['gaps'][number]['cause']
  readonly index: CoverageReport['gaps'][number]['index']
  readonly dropped: number | null
}

/** What the track of a day stands for. */
export interface TrackSpan {
  readonly from: number
  readonly to: number
}

export function shownGaps({ gaps }: CoverageReport): readonly ShownGap[] {
  return gaps.map(({ from, to, ...rest }) => ({
    ...rest,
    key: `${from} ${rest.cause} ${rest.index ?? ''}`,
    from: Date.parse(from),
    to: Date.parse(to),
  }))
}

/** The gaps of all indices, each once, newest first. */
export function listedGaps(reports: readonly CoverageReport[]): readonly ShownGap[] {
  const byKey = new Map(reports.flatMap(shownGaps).map((gap) => [gap.key, gap]))
  return [...byKey.values()].sort((a, b) => b.from - a.from)
}

/** The session of the day; 09:15 to 15:40 where there is none. */
export function trackSpan({ date, session }: Pick<CoverageReport, 'date' | 'session'>): TrackSpan {
  if (session !== null) return { from: Date.parse(session.from), to: Date.parse(session.to) }
  return { from: istInstant(date, '09:15'), to: istInstant(date, '15:40') }
}

/** Where an instant lies on the track, 0 to 1. */
export function placeOn({ from, to }: TrackSpan, at: number): number {
  return Math.min(1, Math.max(0, (at - from) / (to - from)))
}

const HOUR_MS = 3_600_000

/** Whole hours within the track; those too near to its ends are left out. */
export function hoursOf({ from, to }: TrackSpan): readonly number[] {
  const offset = istInstant('1970-01-02') % HOUR_MS
  const first = Math.ceil((from - offset) / HOUR_MS) * HOUR_MS + offset
  const hours: number[] = []
  for (let at = first; at < to; at += HOUR_MS) if (at - from > HOUR_MS / 3 && to - at > HOUR_MS / 3) hours.push(at)
  return hours
}

/** What a cause says to the user. */
export const CAUSE_WORDS: Readonly<Record<ShownGap['cause'], string>> = {
  app_stopped: 'OP Trading did not run',
  feed_disconnected: 'Feed disconnected',
  feed_stale: 'Feed was mute',
  login_required: 'Kite login needed',
  machine_asleep: 'The computer slept',
  paused: 'Paused by the user',
  journal_full: 'Disk too slow',
  disk: 'Disk fault',
  corruption: 'Damaged record',
}

/** One gap in a sentence. */
export function describe({ from, to, cause, index }: ShownGap): string {
  const length = formatNumber('seconds', (to - from) / 1000)
  return `${index ?? 'All indices'}: ${istTime(from)} to ${istTime(to)} IST, ${length}, ${CAUSE_WORDS[cause].toLowerCase()} (${cause})`
}
