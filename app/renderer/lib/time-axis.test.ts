import { describe, expect, it } from 'vitest'
import { istInstant } from '../../../core/domain/ist.ts'
import { hourMinute, momentText, roundTicks, timeTicks } from './time-axis.ts'

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

describe('ticks of numbers', () => {
  it('are round', () => {
    expect(roundTicks(23_430, 24_610, 6)).toEqual([23_600, 23_800, 24_000, 24_200, 24_400, 24_600])
    expect(roundTicks(-0.12, 0.31, 5)).toEqual([-0.1, 0, 0.1, 0.2, 0.3])
    expect(roundTicks(0, 0, 6)).toEqual([])
  })
})
