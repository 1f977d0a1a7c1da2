import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bestPrices, lastEvent, orderBook, WINDOW_STEPS } from './order-flow.ts'

describe('the schedule of changes', () => {
  it.each([
    [0, 0],
    [3, 5],
    [12, 12],
    [12, 2],
  ])('finds the same last event whether one walks there or comes directly, levels %i after %i', (now, before) => {
    let walked = -1
    const wrong: number[] = []
    for (let step = 0; step < 3 * WINDOW_STEPS; step++) {
      const window = Math.floor(step / WINDOW_STEPS)
      const event = lastEvent(9, 77, step, window === 0 ? before : now, window < 2 ? before : now)
      if (event === step) walked = step
      if (event !== walked) wrong.push(step)
    }
    expect(wrong).toEqual([])
    expect(walked).toBeGreaterThan(WINDOW_STEPS)
  })

  it('has one event a block on average', () => {
    const events = new Set<number>()
    for (let step = 0; step < WINDOW_STEPS; step++) events.add(lastEvent(1, 2, step, 4, 4))
    events.delete(-1)
    expect(events.size).toBe(WINDOW_STEPS / 16)
  })
})

describe('the order book', () => {
  it('keeps bid below ask around the value, on ticks, with whole lots', () => {
    const values = fc.double({ min: 0, max: 30_000, noNaN: true })
    fc.assert(
      fc.property(values, fc.double({ min: -0.38, max: 12, noNaN: true }), fc.nat(), (fair, illiquidity, step) => {
        const best = bestPrices(fair, illiquidity, 0.05)
        expect(best.bid).toBeLessThan(best.ask)
        expect(best.bid * 0.05).toBeLessThanOrEqual(fair + 1e-6)
        expect(best.ask * 0.05).toBeGreaterThanOrEqual(fair - 1e-6)
        const book = orderBook(1, 2, step, best, { tickPaise: 5, lotSize: 65, size: 20 })
        const bids = book.price.slice(0, 5)
        const asks = book.price.slice(5)
        expect(bids).toEqual([...bids].sort((a, b) => b - a))
        expect(asks).toEqual([...asks].sort((a, b) => a - b))
        expect(bids[0]).toBe(best.bid * 5)
        expect(asks[0]).toBe(best.ask * 5)
        book.price.forEach((price, level) => {
          const quantity = book.quantity[level] ?? 0
          const orders = book.orders[level] ?? 0
          expect(price % 5).toBe(0)
          expect(quantity % 65).toBe(0)
          expect(price > 0).toBe(quantity > 0)
          expect(orders > 0).toBe(quantity > 0)
          expect(orders).toBeLessThanOrEqual(quantity / 65)
        })
      }),
    )
  })
})
