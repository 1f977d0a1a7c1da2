import { describe, expect, it } from 'vitest'
import { summarySchema } from '../contract/api-schema.ts'
import { yearsTo } from '../pricing/time.ts'
import {
  buildMarket,
  calendar,
  chainPackets,
  frameEvent,
  STRIKES,
  spotPacket,
  TEN,
  WEEKLY,
} from '../testing/market-builder.ts'
import { createChainLegReader } from './chain-legs.ts'
import { chainScope, summariseScope } from './chain-scope.ts'
import { createEnricher } from './enrich.ts'
import { takeUnderlying } from './market-state.ts'

const RATE = 0.065
const FORWARD = 24_080

function summarise(offsets: ReadonlySet<number> | null) {
  const market = buildMarket()
  const index = market.indices.get('NIFTY')
  const state = index?.chains[0]
  if (index === undefined || state === undefined) throw new Error('the market has no chain')
  const { frame } = frameEvent([spotPacket(24_060), ...chainPackets(FORWARD)])
  for (let i = 0; i < frame.count; i += 1) {
    const role = market.roleOf(frame.token[i] ?? 0)
    if (role?.kind === 'option') role.chain.take(frame, i, role.slot, TEN)
    else if (role !== undefined) takeUnderlying(role.underlying, frame, i, TEN)
  }
  const enricher = createEnricher(calendar, RATE)
  enricher.refresh(state, index, TEN)
  const legs = createChainLegReader(enricher, 'sim').read(state, index, TEN)
  return summariseScope(chainScope(state, legs, offsets), {
    scope: offsets === null ? 'full' : 'window',
    state,
    spot: 24_060,
    years: yearsTo(calendar.settlementFixAt(WEEKLY), TEN),
    rate: RATE,
    asOf: '2026-11-23T10:00:00.000+05:30',
  })
}

describe('summary of a chain', () => {
  it('is of the contract, labelled, over the window and over all', () => {
    const [window, full] = [summarise(new Set([-1, 0, 1])), summarise(null)]
    expect(summarySchema.shape.window.parse(window)).toEqual(window)
    expect(summarySchema.shape.full.parse(full)).toEqual(full)
    expect([window.scope, full.scope]).toEqual(['window', 'full'])
    expect([window.totals.ce_oi, full.totals.ce_oi]).toEqual([3 * 5000, STRIKES.length * 5000])
    expect(full.totals.pe_oi).toBe((STRIKES.length - 1) * 5000)
  })

  it('has metrics of every kind over a sound chain', () => {
    const { atm, expected_move, gex, dex, smile, forward } = summarise(null)
    expect(forward).toMatchObject({ method: 'parity', pairs: 8 })
    expect(atm.strike).toBe(24_100)
    expect(atm.iv).toBeCloseTo(0.12, 2)
    expect(expected_move).toBe(atm.straddle)
    expect(gex).not.toBeNull()
    expect(dex).not.toBeNull()
    expect(smile?.marks.map(({ strike }) => strike)).toEqual(STRIKES)
  })

  it('has no smile over a window of less than five strikes', () => {
    expect(summarise(new Set([-1, 0, 1])).smile).toBeNull()
  })
})
