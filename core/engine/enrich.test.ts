import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.ts'
import {
  buildMarket,
  calendar,
  chainPackets,
  fairQuote,
  frameEvent,
  type OptionQuote,
  optionPacket,
  optionToken,
  STRIKES,
  spotPacket,
  TEN,
  WEEKLY,
} from '../testing/market-builder.ts'
import { createChainLegReader } from './chain-legs.ts'
import { createEnricher } from './enrich.ts'
import { takeUnderlying } from './market-state.ts'

const RATE = 0.065
const FORWARD = 24_080
const MINUTE = 60_000

/** A weekly chain at fair value, and what came after it. */
function createRig() {
  const market = buildMarket()
  const index = market.indices.get('NIFTY')
  const chain = index?.chains[0]
  if (index === undefined || chain === undefined) throw new Error('the market has no chain')
  const enricher = createEnricher(calendar, RATE)
  const reader = createChainLegReader(enricher, 'sim')
  const clock = createFakeClock(TEN)
  const take = (packets: readonly Uint8Array[]) => {
    const { frame, receivedAt } = frameEvent(packets, clock.now())
    for (let i = 0; i < frame.count; i += 1) {
      const role = market.roleOf(frame.token[i] ?? 0)
      if (role?.kind === 'option') role.chain.take(frame, i, role.slot, receivedAt)
      else if (role !== undefined) takeUnderlying(role.underlying, frame, i, receivedAt)
    }
  }
  take([spotPacket(24_060), ...chainPackets(FORWARD)])
  const legOf = (strike: number, right: 'CE' | 'PE') => {
    enricher.refresh(chain, index, clock.now())
    const legs = reader.read(chain, index, clock.now())
    const leg = legs[2 * STRIKES.indexOf(strike) + (right === 'CE' ? 0 : 1)]
    if (leg === null || leg === undefined) throw new Error(`nothing was received of ${strike} ${right}`)
    return leg
  }
  const quote = (strike: number, right: 'CE' | 'PE', change: Omit<OptionQuote, 'token'>) =>
    optionPacket({ token: optionToken(strike, right, WEEKLY), at: clock.now(), ...change })
  return { chain, clock, take, legOf, quote }
}

describe('an in-the-money leg', () => {
  it('has its own IV while its quote bears one', () => {
    const { legOf } = createRig()
    expect(legOf(24_050, 'CE')).toMatchObject({ price_used: 'mid', iv_status: 'ok' })
  })

  it.each([
    ['below its intrinsic value', { last: 150, bid: 149.95, ask: 150.05 }],
    ['too wide', { last: 200, bid: 100, ask: 300 }],
    ['wider than its time value', { last: 200, bid: 180, ask: 215 }],
    ['without a quote and long since traded', { last: 200, tradedAt: TEN - 6 * MINUTE }],
    ['without a price', {}],
  ])('takes it from its twin when it is %s', (_, change) => {
    const { take, legOf, quote } = createRig()
    take([quote(23_900, 'CE', change)])
    const [call, put] = [legOf(23_900, 'CE'), legOf(23_900, 'PE')]
    expect(call).toMatchObject({ price_used: 'twin', iv_status: 'ok', iv: put.iv, gamma: put.gamma, vega: put.vega })
    expect((call.delta ?? 0) - (put.delta ?? 0)).toBeCloseTo(1, 6)
    expect(put.price_used).toBe('mid')
  })

  it('says what is wrong with itself when the twin cannot bear IV either', () => {
    const { take, legOf, quote } = createRig()
    take([quote(23_900, 'CE', { last: 150 }), quote(23_900, 'PE', { last: 5, bid: 1, ask: 9 })])
    expect(legOf(23_900, 'CE')).toMatchObject({ price_used: 'last', iv_status: 'below_intrinsic', iv: null })
    expect(legOf(23_900, 'PE')).toMatchObject({ iv_status: 'wide_spread', iv: null })
  })
})

describe('a last trade without a usable quote', () => {
  const at = (tradedAt: number | null, volume = 1000) => ({ last: 12, bid: 11, tradedAt, volume })

  it.each([
    ['ok', 'within five minutes', at(TEN - 5 * MINUTE)],
    ['stale', 'longer ago', at(TEN - 5 * MINUTE - 1000)],
    ['stale', 'of an earlier day', at(null, 0)],
    ['ok', 'of a time that is not told', at(null)],
  ] as const)('is %s when it was %s', (status, _, change) => {
    const { take, legOf, quote } = createRig()
    take([quote(24_450, 'CE', change)])
    const leg = legOf(24_450, 'CE')
    expect(leg).toMatchObject({ price_used: 'last', iv_status: status, ltp: 12 })
    expect(leg.iv === null).toBe(status !== 'ok')
  })

  it('grows stale by the clock of its chain, which stands still after the close', () => {
    const { clock, take, legOf, quote } = createRig()
    take([quote(24_450, 'CE', at(TEN))])
    clock.advance(60 * MINUTE)
    expect(legOf(24_450, 'CE').iv_status).toBe('ok')
    take([optionPacket(fairQuote(24_050, 'CE', FORWARD, clock.now()))])
    expect(legOf(24_450, 'CE').iv_status).toBe('stale')
  })

  it('does not tell the forward once it is stale', () => {
    const { chain, clock, take, legOf, quote } = createRig()
    const stale = STRIKES.filter((strike) => strike !== 24_450).map((strike) =>
      quote(strike, 'PE', { last: 3000, tradedAt: TEN - 10 * MINUTE }),
    )
    take(stale.slice(0, 5))
    clock.advance(1)
    legOf(24_050, 'CE')
    expect(chain.forward?.pairs).toBe(3)
    expect(chain.forward?.value).toBeCloseTo(FORWARD, 0)
  })
})

describe('the age of a forward', () => {
  it('is that of the newest price that it rests on', () => {
    const { chain, clock, take, legOf, quote } = createRig()
    clock.advance(3_000)
    take([quote(24_450, 'CE', { last: 12 })])
    legOf(24_050, 'CE')
    expect(chain.forward).toMatchObject({ method: 'parity', pairs: 8, at: TEN })
    take([optionPacket(fairQuote(24_050, 'CE', FORWARD + 1, clock.now()))])
    legOf(24_050, 'CE')
    expect(chain.forward?.at).toBe(TEN + 3_000)
  })
})
