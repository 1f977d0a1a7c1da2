import { describe, expect, it } from 'vitest'
import { placeMarks } from './level-marks.ts'

const mark = (at: number, text: string) => ({ at, text, color: 'red' })

describe('texts of marks above a chart', () => {
  it('stand in one row where there is room, else in another', () => {
    const placed = placeMarks([mark(50, 'Spot 50'), mark(10, 'S'), mark(52, 'MP')], [0, 100], 500)
    expect(placed.map(({ text, level, left }) => [text, level, left])).toEqual([
      ['S', 0, 50],
      ['Spot 50', 0, 250],
      ['MP', 1, 260],
    ])
  })

  it('are one where they mark the same place, turn inward at the edges, and vanish beyond them', () => {
    const placed = placeMarks([mark(100, 'R'), mark(100, 'MP'), mark(0, 'S'), mark(101, 'far')], [0, 100], 500)
    expect(placed.map(({ text, anchor }) => [text, anchor])).toEqual([
      ['S', 'start'],
      ['R · MP', 'end'],
    ])
  })
})
