import { describe, expect, it } from 'vitest'
import { createThroughput } from './throughput.ts'

describe('throughput', () => {
  it('is nothing before anything came', () => {
    expect(createThroughput().perSecond(12_345)).toBe(0)
  })

  it('counts whole seconds that are over, the last five of them', () => {
    const throughput = createThroughput()
    for (let second = 100; second < 110; second += 1) {
      throughput.add(second, second * 1000)
      throughput.add(1, second * 1000 + 999)
    }
    expect(throughput.perSecond(110_000)).toBe(108)
    expect(throughput.perSecond(110_999)).toBe(108)
    expect(throughput.perSecond(112_000)).toBe((108 + 109 + 110) / 5)
    expect(throughput.perSecond(116_000)).toBe(0)
  })

  it('does not count the second that is running', () => {
    const throughput = createThroughput()
    throughput.add(50, 1000)
    expect(throughput.perSecond(1999)).toBe(0)
    expect(throughput.perSecond(2000)).toBe(10)
  })

  it('forgets across long silence, whichever slot it falls into', () => {
    const throughput = createThroughput()
    throughput.add(60, 0)
    for (let silence = 6; silence < 40; silence += 1) {
      expect(throughput.perSecond(silence * 1000)).toBe(0)
    }
    throughput.add(5, 60_000)
    expect(throughput.perSecond(61_000)).toBe(1)
  })
})
