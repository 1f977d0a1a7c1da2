import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { retryDelayMs } from './connection.ts'
import type { SocketEnd } from './socket.ts'

const delays = (end: SocketEnd) => [1, 2, 3, 4, 5, 6, 7].map((attempt) => retryDelayMs(end, attempt, () => 0.999_999))

describe('retryDelayMs', () => {
  it('doubles up to half a minute for a server that answers', () => {
    const seconds = [1, 2, 4, 8, 16, 30, 30]
    for (const end of [
      { kind: 'closed', reason: 'closed' },
      { kind: 'refused', status: 503 },
    ] as const) {
      expect(delays(end).map((ms) => Math.round(ms / 1_000))).toEqual(seconds)
    }
  })

  it('stays short while nobody is reached', () => {
    const seconds = delays({ kind: 'unreachable', reason: 'ENETDOWN' }).map((ms) => Math.round(ms / 1_000))
    expect(seconds).toEqual([1, 2, 2, 2, 2, 2, 2])
  })

  it('is long when another program holds the connections', () => {
    const seconds = delays({ kind: 'refused', status: 429 }).map((ms) => Math.round(ms / 1_000))
    expect(seconds).toEqual([10, 20, 40, 60, 60, 60, 60])
  })

  it('is never less than half of that', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, draw) => {
          const delay = retryDelayMs({ kind: 'closed', reason: 'closed' }, attempt, () => draw)
          expect(delay).toBeGreaterThanOrEqual(500)
          expect(delay).toBeLessThan(30_000)
        },
      ),
    )
  })
})
