import { describe, expect, it } from 'vitest'
import { INDEX_CATALOG, INDEX_NAMES, VIX } from '../domain/index-catalog.ts'
import { BUCKETS, type Instrument } from '../domain/instrument.ts'
import { OpError } from '../kernel/errors.ts'
import {
  HOLE,
  instrument,
  listing,
  MARKET_DATE,
  MONTHLY,
  optionToken,
  STRIKES,
  WEEKLY,
} from '../testing/market-builder.ts'
import { hasRealInstruments, REAL_DATE, readRealInstruments } from '../testing/real-instruments.ts'
import { buildUniverse, MAX_TOKENS, type UniverseRequest } from './universe.ts'

function request(change: Partial<UniverseRequest> = {}): UniverseRequest {
  const base = { date: MARKET_DATE, indices: ['NIFTY'], buckets: BUCKETS, instruments: listing() } as const
  return { ...base, spotTokens: new Map(), ...change }
}

function only(change: Partial<UniverseRequest> = {}) {
  const universe = buildUniverse(request(change))
  const index = universe.indices[0]
  if (index === undefined) throw new Error('the universe has no index')
  return { universe, index }
}

describe('universe', () => {
  it('builds one chain for each expiry that the wanted buckets name, nearest first', () => {
    const { index } = only()
    expect(index.chains.map(({ expiry, bucket, aliases }) => ({ expiry, bucket, aliases }))).toEqual([
      { expiry: WEEKLY, bucket: 'this_week', aliases: ['this_week'] },
      { expiry: MONTHLY, bucket: 'next_week', aliases: ['next_week', 'this_month'] },
    ])
  })

  it('records an expiry under the first wanted bucket, whatever else names it', () => {
    const { index } = only({ buckets: ['this_month'] })
    expect(index.chains.map(({ expiry, bucket }) => [expiry, bucket])).toEqual([[MONTHLY, 'this_month']])
    expect(index.chains[0]?.aliases).toEqual(['next_week', 'this_month'])
    expect(index.expiries).toEqual([WEEKLY, MONTHLY])
  })

  it('gives every strike two slots, call first, and null where the exchange lists none', () => {
    const chain = only().index.chains[0]
    expect(chain?.strikes).toEqual(STRIKES)
    expect(chain?.contracts).toHaveLength(2 * STRIKES.length)
    const hole = 2 * STRIKES.indexOf(HOLE.strike) + 1
    for (const [slot, contract] of (chain?.contracts ?? []).entries()) {
      if (slot === hole) expect(contract).toBeNull()
      else expect(contract).toMatchObject({ strike: STRIKES[slot >> 1], type: slot % 2 === 0 ? 'CE' : 'PE' })
    }
    expect(chain?.lotSize).toBe(65)
  })

  it('sorts strikes and futures whatever the order of the dump', () => {
    const far = instrument({ token: 7, symbol: 'NIFTY27JANFUT', expiry: '2027-01-26', type: 'FUT' })
    const { index } = only({ instruments: [far, ...listing().reverse()] })
    expect(index.chains[0]?.strikes).toEqual(STRIKES)
    expect(index.futures.map((row) => row.symbol)).toEqual(['NIFTY26DECFUT', 'NIFTY27JANFUT'])
  })

  it('leaves out what has expired and keeps what expires today', () => {
    const gone = instrument({ token: 7, expiry: '2026-11-22', strike: 24_000 })
    const today = instrument({ token: 8, expiry: MARKET_DATE, strike: 24_000 })
    const { index } = only({ instruments: [gone, today, ...listing()] })
    expect(index.expiries).toEqual([MARKET_DATE, WEEKLY, MONTHLY])
    expect(index.buckets.get('this_week')).toBe(MARKET_DATE)
  })

  it("takes the broker's token of a spot before the one of the catalog", () => {
    const told = only({
      spotTokens: new Map([
        ['NSE:NIFTY 50', 777],
        ['NSE:INDIA VIX', 888],
      ]),
    })
    expect(told.index.spotToken).toBe(777)
    expect(told.universe.vixToken).toBe(888)
    expect(told.universe.tokens).toEqual(expect.arrayContaining([777, 888]))
    const silent = only()
    expect(silent.index.spotToken).toBe(INDEX_CATALOG.NIFTY.spotToken)
    expect(silent.universe.vixToken).toBe(VIX.token)
  })

  it('cuts the far wings of all chains alike, and never spots, futures or VIX', () => {
    const all = buildUniverse(request())
    const { tokens, leftOut } = buildUniverse(request({ maxTokens: all.tokens.length - 5 }))
    expect(leftOut).toBe(5)
    expect(tokens).toHaveLength(all.tokens.length - 5)
    const missing = all.tokens.filter((token) => !tokens.includes(token))
    const ends = [STRIKES[0], STRIKES.at(-1)].flatMap((strike) =>
      [WEEKLY, MONTHLY].flatMap((expiry) => [
        optionToken(strike ?? 0, 'CE', expiry),
        optionToken(strike ?? 0, 'PE', expiry),
      ]),
    )
    expect(ends).toEqual(expect.arrayContaining(missing))
    expect(all.leftOut).toBe(0)
  })

  it('never asks for more than the broker allows', () => {
    const wide = Array.from({ length: 6000 }, (_, k) => [
      instrument({ token: 100_000 + 2 * k, strike: 10_000 + k * 5, type: 'CE' as const }),
      instrument({ token: 100_001 + 2 * k, strike: 10_000 + k * 5, type: 'PE' as const }),
    ]).flat()
    const { tokens, leftOut } = buildUniverse(request({ instruments: wide }))
    expect(tokens).toHaveLength(MAX_TOKENS)
    expect(leftOut).toBe(12_000 + 2 - MAX_TOKENS)
  })

  it('keeps an index that is listed when another is not', () => {
    expect(buildUniverse(request({ indices: ['NIFTY', 'SENSEX'] })).indices.map(({ spec }) => spec.name)).toEqual([
      'NIFTY',
    ])
  })

  it.each([
    ['nothing', []],
    ['another exchange', listing().map((row): Instrument => ({ ...row, exchange: 'BFO' }))],
    ['futures only', listing().filter((row) => row.type === 'FUT')],
    ['expired contracts', listing().map((row) => ({ ...row, expiry: '2026-01-01' }))],
  ])('is universe_empty when the dump holds %s', (_, instruments) => {
    const build = () => buildUniverse(request({ instruments }))
    expect(build).toThrow(OpError)
    expect(build).toThrow(expect.objectContaining({ code: 'universe_empty' }))
  })

  it.skipIf(!hasRealInstruments)('builds the universe of a real day', async () => {
    const instruments = await readRealInstruments()
    const universe = buildUniverse(request({ date: REAL_DATE, indices: INDEX_NAMES, instruments }))
    expect(universe.indices.map(({ spec }) => spec.name)).toEqual(INDEX_NAMES)
    expect(new Set(universe.tokens).size).toBe(universe.tokens.length)
    expect(universe.tokens.length).toBeLessThanOrEqual(MAX_TOKENS)
    expect(universe.leftOut).toBe(0)
    for (const { chains, futures, buckets } of universe.indices) {
      expect(futures.length).toBeGreaterThanOrEqual(3)
      expect(new Set(chains.map(({ expiry }) => expiry))).toEqual(new Set(buckets.values()))
      for (const { strikes, contracts, lotSize } of chains) {
        expect(strikes.length).toBeGreaterThan(20)
        expect(contracts.filter((row) => row !== null).length).toBeGreaterThan(strikes.length)
        expect(lotSize).toBeGreaterThan(0)
      }
    }
  })
})
