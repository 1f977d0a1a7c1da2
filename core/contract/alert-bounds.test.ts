import { describe, expect, it } from 'vitest'
import { thresholdFault } from './alert-bounds.ts'
import type { AlertCondition, PriceMetric, PriceTarget } from './alerts.ts'
import { CHAIN_ALERT_METRICS, LEG_ALERT_METRICS } from './alerts.ts'

const place = { index: 'NIFTY', bucket: 'this_week' } as const

function target(metric: PriceMetric, condition: AlertCondition): PriceTarget {
  const leg = LEG_ALERT_METRICS.find((known) => known === metric)
  const chain = CHAIN_ALERT_METRICS.find((known) => known === metric)
  if (leg !== undefined) return { kind: 'leg', ...place, strike: 24_000, right: 'CE', metric: leg, condition }
  return { kind: 'chain', ...place, metric: chain ?? 'spot', condition }
}
const fault = (metric: PriceMetric, value: number, current: number | null = null) =>
  thresholdFault(target(metric, { op: 'above', value }), current)

describe('a threshold', () => {
  it.each<[PriceMetric, number, string]>([
    ['atm_iv', 14.5, 'ATM IV lies between 1.00 % and 500.00 %; 1,450.00 % is outside.'],
    ['iv', 0.001_45, 'IV lies between 1.00 % and 500.00 %; 0.15 % is outside.'],
    ['pcr_oi', -0.5, 'PCR by OI lies between 0.01 and 100.00; −0.50 is outside.'],
    ['ltp', 0, 'LTP lies between ₹0.05 and ₹10,00,000.00; ₹0.00 is outside.'],
    ['straddle', -12, 'Forward straddle lies between ₹0.05 and ₹10,00,000.00; −₹12.00 is outside.'],
    ['spot', 0, 'Spot lies between 1.00 and 10,00,000.00; 0.00 is outside.'],
    ['delta', 50, 'Delta lies between −1.000 and 1.000; 50.000 is outside.'],
  ])('of %s at %d is refused, with what is expected', (metric, value, sentence) => {
    expect(fault(metric, value)).toBe(sentence)
  })

  it('of an index lies within ten times of what it is', () => {
    const sentence = 'Spot is 24,060.00 now: expected is a threshold from 2,406.00 to 2,40,600.00.'
    expect(fault('spot', 2_400, 24_060)).toBe(sentence)
    expect(fault('spot', 2_50_000, 24_060)).toBe(sentence)
    expect(fault('spot', 2_400)).toBeNull()
    expect(fault('spot', 20_000, 24_060)).toBeNull()
    // A leg goes from hundreds to nothing.
    expect(fault('ltp', 0.5, 300)).toBeNull()
  })

  it.each<[PriceMetric, number]>([
    ['atm_iv', 0.145],
    ['pcr_volume', 1.2],
    ['gex', -1_250e7],
    ['oi_change', -120_000],
    ['oi', 0],
    ['skew_25d', -0.01],
    ['vix', 15],
  ])('of %s at %d makes sense', (metric, value) => {
    expect(fault(metric, value)).toBeNull()
  })

  it('of a move is at most the whole way', () => {
    const moves = (value: number) => thresholdFault(target('atm_iv', { op: 'moves', value, within_s: 300 }), 0.14)
    expect(moves(0.002)).toBeNull()
    expect(moves(6)).toBe('ATM IV moves by at most 499.00 %; 600.00 % is too much.')
  })
})
