import { describe, expect, it } from 'vitest'
import type { Instrument } from './instrument.ts'
import { instrumentChanges } from './instrument-changes.ts'

const option = (token: number, symbol: string, expiry: string, strike: number, lotSize = 75): Instrument => ({
  token,
  exchange: 'NFO',
  symbol,
  name: 'NIFTY',
  expiry,
  strike,
  tickSize: 0.05,
  lotSize,
  type: 'CE',
  segment: 'NFO-OPT',
})
const names = new Set(['NIFTY'])

describe('what a dump has changed', () => {
  it('knows an expiry that was moved, and compares its lots and strikes with what they were', () => {
    const before = [
      option(1, 'NIFTY26NOV24000CE', '2026-11-24', 24_000),
      option(2, 'NIFTY26NOV24050CE', '2026-11-24', 24_050),
    ]
    const after = [
      option(1, 'NIFTY26NOV24000CE', '2026-11-23', 24_000, 65),
      option(2, 'NIFTY26NOV24050CE', '2026-11-23', 24_050, 65),
      option(3, 'NIFTY26NOV24100CE', '2026-11-23', 24_100, 65),
    ]
    expect(instrumentChanges(before, after, { date: '2026-11-20', names })).toEqual({
      expiries: { added: [], removed: [], moved: [{ name: 'NIFTY', before: '2026-11-24', after: '2026-11-23' }] },
      lots: [{ name: 'NIFTY', expiry: '2026-11-23', before: 75, after: 65 }],
      strikes: [{ name: 'NIFTY', expiry: '2026-11-23', added: [24_100], removed: [] }],
      reused_tokens: [],
    })
  })

  it('takes a token of an expired contract for a new contract, and no moved one', () => {
    const before = [option(1, 'NIFTY26N1724000CE', '2026-11-17', 24_000)]
    const after = [option(1, 'NIFTY26D0124000CE', '2026-12-01', 24_000)]
    expect(instrumentChanges(before, after, { date: '2026-11-18', names })).toMatchObject({
      expiries: {
        added: [{ name: 'NIFTY', expiry: '2026-12-01' }],
        removed: [{ name: 'NIFTY', expiry: '2026-11-17' }],
        moved: [],
      },
      reused_tokens: [{ token: 1, before: 'NIFTY26N1724000CE', after: 'NIFTY26D0124000CE' }],
    })
  })
})
