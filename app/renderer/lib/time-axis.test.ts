import { describe, expect, it } from 'vitest'
import { istInstant } from '../../../core/domain/ist.ts'
import { hourMinute, momentText, roundScale, roundTicks, tableTime, timeTicks } from './time-axis.ts'

const at = (time: string) => istInstant('2026-11-23', time)

describe('ticks of a time axis', () => {
  it('stand at whole hours and minutes of IST, no more than there is room for', () => {
    expect(timeTicks(at('09:07'), at('15:40'), 8).map(hourMinute)).toEqual([
      '10:00',
      '11:00',
      '12:00',
      '13:00',
      '14:00',
      '15:00',
    ])
    expect(timeTicks(at('10:01'), at('10:17'), 4).map(hourMinute)).toEqual(['10:05', '10:10', '10:15'])
    expect(timeTicks(at('10:00'), at('10:00'), 4)).toEqual([])
  })

  it('are read with their day and zone', () => {
    expect(momentText(at('10:15:30'))).toBe('23 Nov 10:15:30 IST')
  })
})

describe('a round scale', () => {
  it('reaches from a round number to another around its values', () => {
    expect(roundScale([11.93, 14.21], 5)).toEqual({
      domain: [11.5, 14.5],
      ticks: [11.5, 12, 12.5, 13, 13.5, 14, 14.5],
      digits: 1,
    })
    expect(roundScale([-0.31, 0.4], 4)).toEqual({ domain: [-0.4, 0.4], ticks: [-0.4, -0.2, 0, 0.2, 0.4], digits: 1 })
    expect(roundScale([0, 790_000], 4)).toMatchObject({ domain: [0, 800_000], digits: 0 })
    expect(roundScale([1.01, 1.09], 4).digits).toBe(2)
  })

  it('has room around a single value', () => {
    const { domain } = roundScale([100, 100], 4)
    expect(domain[0]).toBeLessThan(100)
    expect(domain[1]).toBeGreaterThan(100)
    expect(roundScale([0, 0], 4).ticks.length).toBeGreaterThan(1)
  })
})

describe('the time of a table', () => {
  it('has its year, and sorts as text', () => {
    const times = ['2026-12-01T10:00:00+05:30', '2026-12-31T23:59:59+05:30', '2027-01-01T00:00:00+05:30']
    const texts = times.map((time) => tableTime(Date.parse(time)))
    expect(texts).toEqual(['2026-12-01 10:00:00', '2026-12-31 23:59:59', '2027-01-01 00:00:00'])
    expect(texts.toSorted()).toEqual(texts)
  })
})

describe('ticks of numbers', () => {
  it('are round', () => {
    expect(roundTicks(23_430, 24_610, 6)).toEqual([23_600, 23_800, 24_000, 24_200, 24_400, 24_600])
    expect(roundTicks(-0.12, 0.31, 5)).toEqual([-0.1, 0, 0.1, 0.2, 0.3])
    expect(roundTicks(0, 0, 6)).toEqual([])
  })
})
