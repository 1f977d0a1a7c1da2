import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AlertRuleFields, AlertTarget } from '../contract/alerts.ts'
import type { AlertRuleState } from '../ports/alert-store.ts'
import type { PriceReading } from './alerts-market.ts'
import { lookAtRule, NEVER_KNOWN, type WatchedRule, watchRule } from './alerts-rule.ts'

const CHAIN = { kind: 'chain', index: 'NIFTY', bucket: 'this_week', metric: 'atm_iv' } as const
const ABOVE: AlertTarget = { ...CHAIN, condition: { op: 'above', value: 0.14 } }

function ruleOf(target: AlertTarget, cooldown_s = 0, state: AlertRuleState = NEVER_KNOWN): WatchedRule {
  const fields: AlertRuleFields = { name: 'rule', enabled: true, target, channels: [], cooldown_s }
  return watchRule({ id: 'r-1', fields, state })
}

const known = (value: number): PriceReading => ({ value, note: null })
const UNKNOWN: PriceReading = { value: null, note: 'not listed' }
const stale = (value: number): PriceReading => ({ value, note: 'stale: no packets come' })

/** What the rule says at each second. */
function says(rule: WatchedRule, readings: readonly PriceReading[], from = 0): (string | null)[] {
  return readings.map((reading, second) => {
    const feed = () => ({ isThere: false, detail: null })
    return lookAtRule(rule, { now: 1_000 * (from + second), price: () => reading, feed })?.message ?? null
  })
}

const fires = (...given: Parameters<typeof says>) => says(...given).map((message) => message !== null)

describe('a rule on a price', () => {
  it('fires when the value passes the threshold, in words with units', () => {
    const above = says(ruleOf(ABOVE), [known(0.139), known(0.1425), known(0.15)])
    expect(above).toEqual([null, 'NIFTY this week ATM IV 14.25 % rose above 14.00 %', null])
    const below = ruleOf({
      ...CHAIN,
      kind: 'leg',
      strike: 24_000,
      right: 'CE',
      metric: 'ltp',
      condition: { op: 'below', value: 1_234.5 },
    })
    expect(says(below, [known(1_300), known(1_234.499)])).toEqual([
      null,
      'NIFTY this week 24000 CE LTP ₹1,234.499 fell below ₹1,234.500',
    ])
  })

  it('fires once when it is made while its condition holds already', () => {
    expect(says(ruleOf(ABOVE), [known(0.15), known(0.16)])).toEqual([
      'NIFTY this week ATM IV 15.00 % is above 14.00 %',
      null,
    ])
  })

  it('does not fire at the threshold itself', () => {
    expect(fires(ruleOf(ABOVE), [known(0.14)])).toEqual([false])
  })

  it('takes what is unknown or stale neither for a crossing nor for a pause', () => {
    const readings = [known(0.15), UNKNOWN, stale(0.1), known(0.15), known(0.13), stale(0.15), UNKNOWN, known(0.15)]
    expect(fires(ruleOf(ABOVE), readings)).toEqual([true, false, false, false, false, false, false, true])
    const rule = ruleOf(ABOVE)
    says(rule, [stale(0.15)])
    expect(rule).toMatchObject({ current: 0.15, note: 'stale: no packets come', state: NEVER_KNOWN })
  })

  it('waits for the cooldown, and then for the next crossing', () => {
    const readings = [0.15, 0.13, 0.15, 0.15, 0.15, 0.13, 0.15].map(known)
    expect(fires(ruleOf(ABOVE, 4), readings)).toEqual([true, false, false, false, false, false, true])
    expect(fires(ruleOf(ABOVE, 7), readings)).toEqual([true, false, false, false, false, false, false])
  })

  it('is not silenced by a market clock that was set back', () => {
    const rule = ruleOf(ABOVE, 300)
    expect(fires(rule, [known(0.15)], 1_000_000)).toEqual([true])
    expect(fires(rule, [known(0.13), known(0.15)], 0)).toEqual([false, true])
  })

  it('goes on after a restart from where it stood', () => {
    expect(fires(ruleOf(ABOVE, 0, { active: true, firedAt: 0 }), [known(0.15), known(0.16)])).toEqual([false, false])
    expect(fires(ruleOf(ABOVE, 0, { active: false, firedAt: 0 }), [UNKNOWN, known(0.15)])).toEqual([false, true])
  })

  const anyReading = fc.oneof(
    fc.double({ min: 0.1, max: 0.2, noNaN: true }).map(known),
    fc.constant(UNKNOWN),
    fc.double({ min: 0.1, max: 0.2, noNaN: true }).map(stale),
  )

  it('never fires twice without a known value on the other side in between, nor within the cooldown', () => {
    fc.assert(
      fc.property(fc.array(anyReading, { maxLength: 80 }), fc.integer({ min: 0, max: 20 }), (readings, cooldown) => {
        const fired = fires(ruleOf(ABOVE, cooldown), readings).flatMap((did, second) => (did ? [second] : []))
        for (const [place, second] of fired.entries()) {
          expect(readings[second]).toMatchObject({ note: null })
          expect(readings[second]?.value).toBeGreaterThan(0.14)
          const before = fired[place - 1]
          if (before === undefined) continue
          expect(second - before).toBeGreaterThanOrEqual(cooldown)
          const between = readings.slice(before + 1, second)
          expect(between.some(({ value, note }) => note === null && value !== null && value <= 0.14)).toBe(true)
        }
      }),
    )
  })

  it('does not depend on how often it was restarted', () => {
    fc.assert(
      fc.property(fc.array(anyReading, { maxLength: 60 }), fc.integer({ min: 0, max: 20 }), (readings, cooldown) => {
        const whole = fires(ruleOf(ABOVE, cooldown), readings)
        let state: AlertRuleState = NEVER_KNOWN
        const restarted = readings.map((reading, second) => {
          const rule = ruleOf(ABOVE, cooldown, state)
          const [did] = fires(rule, [reading], second)
          state = rule.state
          return did
        })
        expect(restarted).toEqual(whole)
      }),
    )
  })
})

describe('a rule on a move', () => {
  const moves = (value: number, within_s: number, cooldown_s = 0) =>
    ruleOf({ ...CHAIN, metric: 'spot', condition: { op: 'moves', value, within_s } }, cooldown_s)

  it('fires when the value has moved so far within the window, and says from where', () => {
    expect(says(moves(50, 300), [24_000, 24_020, 24_049, 24_050].map(known))).toEqual([
      null,
      null,
      null,
      'NIFTY spot rose from 24,000.00 to 24,050.00 within 5 min',
    ])
    expect(says(moves(50, 300), [24_000, 24_030, 23_980].map(known)).at(-1)).toBe(
      'NIFTY spot fell from 24,030.00 to 23,980.00 within 5 min',
    )
  })

  it('forgets what is older than the window', () => {
    const slow = Array.from({ length: 20 }, (_, second) => known(24_000 + 9 * second))
    expect(fires(moves(50, 5), slow).some(Boolean)).toBe(false)
    expect(fires(moves(45, 5), slow).filter(Boolean)).toHaveLength(1)
  })

  it('fires again when the move was over in between', () => {
    const readings = [0, 60, ...Array<number>(8).fill(60), 120].map(known)
    expect(fires(moves(50, 5), readings).flatMap((did, second) => (did ? [second] : []))).toEqual([1, 10])
  })

  it('knows the range of a long window within a step, whatever came', () => {
    const steps = fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 1, maxLength: 700 })
    fc.assert(
      fc.property(steps, (changes) => {
        const within_s = 240
        let value = 24_000
        const values = changes.map((change) => (value += change))
        const did = fires(moves(100, within_s), values.map(known))
        const first = did.indexOf(true)
        const rangeAt = (second: number, window: number) => {
          const seen = values.slice(Math.max(0, second - window), second + 1)
          return Math.max(...seen.map((known) => Math.abs(known - (values[second] ?? 0))))
        }
        // A stretch of two seconds is forgotten as one.
        const expected = values.findIndex((_, second) => rangeAt(second, within_s - 2) >= 100)
        if (first >= 0) expect(rangeAt(first, within_s)).toBeGreaterThanOrEqual(100)
        if (expected >= 0) expect(first >= 0 && first <= expected).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})

describe('a rule on the feed', () => {
  const DOWN = { isThere: true, detail: '1 of 3 connections are down' }
  const UP = { isThere: false, detail: null }
  const feedRule = (for_s: number, state = NEVER_KNOWN) =>
    ruleOf({ kind: 'feed', state: 'disconnected', for_s }, 0, state)
  const saysOf = (rule: WatchedRule, readings: readonly (typeof DOWN | typeof UP)[]) =>
    readings.map((reading, second) => {
      const readings = { now: 1_000 * second, price: () => UNKNOWN, feed: () => reading }
      return lookAtRule(rule, readings)?.message ?? null
    })

  it('fires when the state has lasted, and once', () => {
    expect(saysOf(feedRule(2), [UP, DOWN, DOWN, DOWN, DOWN])).toEqual([
      null,
      null,
      null,
      'Feed disconnected for 2 s: 1 of 3 connections are down',
      null,
    ])
    expect(saysOf(feedRule(0), [DOWN, DOWN])).toEqual(['Feed disconnected: 1 of 3 connections are down', null])
  })

  it('counts anew after an interruption', () => {
    expect(saysOf(feedRule(2), [DOWN, DOWN, UP, DOWN, DOWN]).every((message) => message === null)).toBe(true)
  })

  it('does not tell after a restart what was told before', () => {
    const told = { active: true, firedAt: 0 }
    expect(saysOf(feedRule(2, told), [DOWN, DOWN, DOWN, DOWN]).every((message) => message === null)).toBe(true)
    expect(saysOf(feedRule(1, told), [UP, DOWN, DOWN])).toEqual([null, null, expect.stringContaining('disconnected')])
  })
})
