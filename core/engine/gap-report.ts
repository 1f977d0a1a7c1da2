import type { Calendar } from '../domain/calendar.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import { istInstant } from '../domain/ist.ts'
import { coverageOf, sessionParts } from './coverage.ts'
import type { Missing } from './gap-ledger.ts'

/** What is missing of one index on one trading day. */
export interface GapReport {
  /** Share of the session so far, 0 to 1; null without a session, and where nothing is known of the day. */
  readonly coverage: number | null
  /** Whole gaps, by beginning; of each the part in the session. */
  readonly gaps: readonly Missing[]
}

export interface GapReportRequest {
  readonly calendar: Calendar
  readonly index: IndexName
  readonly date: string
  /** Market time. */
  readonly now: number
  /** Whether anything of the day is on record. */
  readonly recorded: boolean
  /** Where the record begins at all, when that is on this day: what was before counts for nothing. */
  readonly begins: number | null
  /** Pieces of gaps in any order, of any index and day, some of them twice. */
  readonly pieces: readonly Missing[]
}

export function gapReport({ calendar, index, date, now, recorded, begins, pieces }: GapReportRequest): GapReport {
  const own = pieces
    .filter((piece) => piece.index === null || piece.index === index)
    .flatMap((piece) =>
      sessionParts(calendar, date, [piece.from, piece.to]).map(([from, to]) => ({ ...piece, from, to })),
    )
  const gaps = mergePieces(own)
  if (!recorded && gaps.length === 0) return { coverage: null, gaps }
  const missing = gaps.map(({ from, to }) => [from, to] as const)
  return { coverage: coverageOf(calendar, date, [begins ?? istInstant(date), now], missing), gaps }
}

/** Pieces of the same gap put together; one that came twice counts once. */
function mergePieces(pieces: readonly Missing[]): readonly Missing[] {
  const whole: Missing[] = []
  const sorted = pieces.toSorted((a, b) => a.from - b.from || a.to - b.to)
  for (const piece of sorted) {
    const place = whole.findLastIndex(({ cause, index }) => cause === piece.cause && index === piece.index)
    const before = whole[place]
    if (before === undefined || before.to < piece.from) whole.push(piece)
    else whole[place] = joined(before, piece)
  }
  return whole
}

function joined(before: Missing, piece: Missing): Missing {
  if (piece.to <= before.to) return before
  const dropped = before.dropped === null ? piece.dropped : before.dropped + (piece.dropped ?? 0)
  return { ...before, to: piece.to, dropped }
}
