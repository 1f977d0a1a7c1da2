import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { summariseChain } from './chain-summary.ts'
import { forwardByParity, spotCarryForward } from './forward.ts'
import { createChainInput, createChainOutput, ivStatusAt, priceLegs } from './price-legs.ts'

const FOLDER = join(import.meta.dirname, '../../../shared/data/nse-chain')
const V3_FILE = join(FOLDER, 'nifty_v3_2026-07-10T1530_exp2026-07-14.json')
const JULY_FILE = join(FOLDER, 'nifty_2025-07-17T1530.json.gz')
const ABSENT = '(skipped where the recorded market data is absent)'

const Leg = z.object({
  strikePrice: z.number(),
  lastPrice: z.number(),
  impliedVolatility: z.number(),
  totalTradedVolume: z.number(),
  openInterest: z.number(),
})
const Pair = { CE: Leg.optional(), PE: Leg.optional() }
const V3 = z.object({ underlyingValue: z.coerce.number(), data: z.array(z.object(Pair)) })
const July = z.object({
  records: z.object({ data: z.array(z.object({ strikePrice: z.number(), expiryDate: z.string(), ...Pair })) }),
})

// The exchange's convention: Black-Scholes on the spot at 10 %, whole calendar days (10 to 14 July 2026), last price.
const NSE_RATE = 0.1
const NSE_YEARS = 4 / 365

function readV3() {
  return V3.parse(JSON.parse(readFileSync(V3_FILE, 'utf8')))
}

describe('against the exchange', () => {
  it.skipIf(!existsSync(V3_FILE))(`reproduces every published IV of a traded contract ${ABSENT}`, () => {
    const chain = readV3()
    const legs = chain.data
      .flatMap(({ CE, PE }) => [CE && { ...CE, isCall: 1 }, PE && { ...PE, isCall: 0 }])
      .filter((leg) => leg !== undefined)
      .filter((leg) => leg.totalTradedVolume > 0 && leg.impliedVolatility > 0)
    expect(legs).toHaveLength(142)
    const input = createChainInput(legs.length)
    const output = createChainOutput(legs.length)
    input.count = legs.length
    input.rate = NSE_RATE
    input.years = NSE_YEARS
    input.forward = spotCarryForward(chain.underlyingValue, NSE_YEARS, NSE_RATE)
    legs.forEach((leg, at) => {
      input.strike[at] = leg.strikePrice
      input.isCall[at] = leg.isCall
      input.price[at] = leg.lastPrice
    })
    priceLegs(input, output)
    legs.forEach((leg, at) => {
      expect(ivStatusAt(output, at)).toBe('ok')
      expect(Math.abs(100 * (output.iv[at] ?? 0) - leg.impliedVolatility)).toBeLessThan(0.011)
    })
  })

  it.skipIf(!existsSync(V3_FILE))(`finds a forward between spot and 10 % carry on real prices ${ABSENT}`, () => {
    const chain = readV3()
    const pairs = chain.data.flatMap(({ CE, PE }) => (CE && PE ? [{ CE, PE }] : []))
    const column = (read: (pair: (typeof pairs)[number]) => number) => Float64Array.from(pairs, read)
    const quotes = {
      count: pairs.length,
      strike: column(({ CE }) => CE.strikePrice),
      call: column(({ CE }) => CE.lastPrice),
      put: column(({ PE }) => PE.lastPrice),
    }
    const found = forwardByParity(quotes, NSE_YEARS, 0.065)
    expect(found?.pairs).toBe(8)
    expect(found?.value).toBeGreaterThan(chain.underlyingValue)
    expect(found?.value).toBeLessThan(spotCarryForward(chain.underlyingValue, NSE_YEARS, NSE_RATE))
    expect(found?.residual).toBeLessThan(3)
  })

  it.skipIf(!existsSync(JULY_FILE))(`sums open interest to the exchange's own PCR ${ABSENT}`, () => {
    const { records } = July.parse(JSON.parse(gunzipSync(readFileSync(JULY_FILE)).toString('utf8')))
    const leg = (one: z.infer<typeof Leg> | undefined) =>
      one === undefined
        ? null
        : {
            iv: null,
            delta: null,
            gamma: null,
            oi: one.openInterest,
            volume: one.totalTradedVolume,
          }
    const strikes = records.data
      .filter((one) => one.expiryDate === '17-Jul-2025')
      .map((one) => ({ strike: one.strikePrice, call: leg(one.CE), put: leg(one.PE) }))
    const summary = summariseChain({ strikes, forward: null, spot: null, years: 0, rate: 0, atmStrike: null })
    expect(summary.totals).toEqual({ ce_oi: 2408499, pe_oi: 1596250, ce_volume: 103075215, pe_volume: 105037894 })
    expect(summary.pcr_oi).toBe(1596250 / 2408499)
    expect(strikes.map((one) => one.strike)).toContain(summary.max_pain)
  })
})
