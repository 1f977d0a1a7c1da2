import type { GapEntry } from '../domain/journal-entry.ts'

/** Gaps are written down piece by piece while they last: here those of one index and cause are put together. */
export function joinGaps(pieces: readonly GapEntry[]): GapEntry[] {
  const whole: GapEntry[] = []
  for (const piece of pieces) {
    const at = whole.findLastIndex(({ index }) => index === piece.index)
    const last = whole[at]
    if (last?.cause === piece.cause && last.to === piece.from) whole[at] = { ...last, to: piece.to }
    else whole.push(piece)
  }
  return whole
}
