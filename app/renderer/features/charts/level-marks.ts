/** Marks at values of the strike axis: at the money, forward, max pain … */
export interface LevelMark {
  readonly at: number
  readonly text: string
  readonly color: string
  readonly isDashed?: boolean
}

export interface PlacedMark extends LevelMark {
  /** Row of its text above the plot, 0 = nearest. */
  readonly level: number
  readonly anchor: 'start' | 'middle' | 'end'
  /** Pixels from the left of the plot. */
  readonly left: number
}

/** Least distance between texts in one row, and width of a letter, px. */
const SPACE = 8
const LETTER = 6.4

/** Rows for texts such that none lies on another; marks at one place become one. */
export function placeMarks(
  marks: readonly LevelMark[],
  [from, to]: readonly [number, number],
  width: number,
): readonly PlacedMark[] {
  const ends: number[] = []
  return joined(marks)
    .filter(({ at }) => at >= from && at <= to)
    .map((mark) => {
      const left = ((mark.at - from) / (to - from)) * width
      const half = (mark.text.length * LETTER) / 2
      const anchor = left < half ? 'start' : left > width - half ? 'end' : 'middle'
      const begin = left - (anchor === 'start' ? 0 : anchor === 'end' ? 2 * half : half)
      const free = ends.findIndex((end) => end + SPACE <= begin)
      const level = free < 0 ? ends.length : free
      ends[level] = begin + 2 * half
      return { ...mark, level, anchor, left }
    })
}

function joined(marks: readonly LevelMark[]): readonly LevelMark[] {
  const byPlace = new Map<number, LevelMark>()
  for (const mark of marks) {
    const known = byPlace.get(mark.at)
    byPlace.set(mark.at, known === undefined ? mark : { ...known, text: `${known.text} · ${mark.text}` })
  }
  return [...byPlace.values()].sort((a, b) => a.at - b.at)
}
