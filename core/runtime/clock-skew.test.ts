import { expect, it } from 'vitest'
import { frameEvent, spotPacket, TEN } from '../testing/market-builder.ts'
import { createClockSkew } from './clock-skew.ts'

/** A packet of the exchange's `at`, received so many milliseconds after it. */
const packet = (at: number, afterMs: number) => frameEvent([spotPacket(24_000, undefined, at)], at + afterMs)

it('goes by the smallest difference: a late packet says nothing of the clock', () => {
  const skew = createClockSkew()
  expect(skew.skewMs(TEN)).toBeNull()
  for (const afterMs of [1_400, 300, 9_000]) skew.onFrame(packet(TEN, afterMs))
  expect(skew.skewMs(TEN)).toBe(300)
  skew.onFrame(packet(TEN, -2_000))
  expect(skew.skewMs(TEN)).toBe(-2_000)
})

it('forgets what was minutes ago', () => {
  const skew = createClockSkew()
  skew.onFrame(packet(TEN, 100))
  for (let minute = 1; minute <= 6; minute += 1) skew.onFrame(packet(TEN + minute * 60_000, 5_000))
  expect(skew.skewMs(TEN + 6 * 60_000)).toBe(5_000)
  expect(skew.skewMs(TEN + 60 * 60_000)).toBeNull()
})

it('passes over packets without a time', () => {
  const skew = createClockSkew()
  skew.onFrame(frameEvent([spotPacket(24_000, undefined, 0)], TEN))
  expect(skew.skewMs(TEN)).toBeNull()
})
