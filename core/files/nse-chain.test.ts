import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { istInstant } from '../domain/ist.ts'
import { readNseChain } from './nse-chain.ts'

const CE = {
  strikePrice: 25_000,
  expiryDate: '17-Jul-2025',
  underlying: 'NIFTY',
  openInterest: 120,
  changeinOpenInterest: -30,
  totalTradedVolume: 900,
  impliedVolatility: 10.42,
  lastPrice: 120.5,
  change: 4.25,
  bidprice: 120.4,
  askPrice: 120.6,
  underlyingValue: 25_111.45,
}
const PE = { ...CE, lastPrice: 0, bidprice: 0, impliedVolatility: 0 }
const OLDER = {
  records: {
    data: [
      { strikePrice: 25_000, expiryDate: '17-Jul-2025', CE, PE },
      { strikePrice: 25_000, expiryDate: '24-Jul-2025', CE: { ...CE, expiryDate: '24-Jul-2025' } },
    ],
    timestamp: '17-Jul-2025 15:30:00',
    underlyingValue: 25_111.45,
  },
  filtered: { data: [{ strikePrice: 25_000, expiryDate: '17-Jul-2025', CE, PE }] },
}

const V3_LEG = { strikePrice: 24_200, expiryDate: '14-07-2026', underlying: 'NIFTY', lastPrice: '104.00' }
const V3_ROW = {
  strikePrice: 24_200,
  expiryDates: '14-07-2026',
  CE: { ...V3_LEG, buyPrice1: 103.9, sellPrice1: '104.10', openInterest: '1,44,699' },
}
const V3 = { data: [V3_ROW], timestamp: '10-Jul-2026 15:30:00', underlyingValue: '24,206.90' }

describe('readNseChain', () => {
  it('reads the older form, all its expiries, a price of 0 as none', () => {
    const read = readNseChain(OLDER)
    expect(read).toMatchObject({ index: 'NIFTY', spot: 25_111.45, oiUnit: 'lots' })
    expect(read?.asOf).toBe(istInstant('2025-07-17', '15:30'))
    expect(read?.legs.map(({ expiry, right }) => `${expiry} ${right}`)).toEqual([
      '2025-07-17 CE',
      '2025-07-17 PE',
      '2025-07-24 CE',
    ])
    expect(read?.legs[0]).toEqual({
      expiry: '2025-07-17',
      strike: 25_000,
      right: 'CE',
      last: 120.5,
      bid: 120.4,
      ask: 120.6,
      volume: 900,
      oi: 120,
      oiChange: -30,
      priceChange: 4.25,
      publishedIv: 0.1042,
      quotedAt: null,
    })
    expect(read?.legs[1]).toMatchObject({ last: null, bid: null, ask: 120.6, publishedIv: null })
  })

  it('reads v3, its own names and numbers as text', () => {
    for (const content of [V3, { records: V3 }, { data: { records: V3 } }, { data: V3 }]) {
      const read = readNseChain(content)
      expect(read).toMatchObject({ index: 'NIFTY', spot: 24_206.9, asOf: istInstant('2026-07-10', '15:30') })
      expect(read?.legs).toHaveLength(1)
      expect(read?.legs[0]).toMatchObject({
        expiry: '2026-07-14',
        strike: 24_200,
        last: 104,
        bid: 103.9,
        ask: 104.1,
        oi: 144_699,
        volume: null,
      })
    }
  })

  it('finds what is missing elsewhere in the file', () => {
    const { expiryDate: _, underlying: __, ...bare } = CE
    const read = readNseChain({
      records: {
        data: [{ strikePrice: 25_000, CE: bare }],
        expiryDates: ['17-Jul-2025'],
        index: { indexSymbol: 'NIFTY BANK' },
      },
      timestamp: '17-Jul-2025 15:30:00',
    })
    expect(read).toMatchObject({ index: 'BANKNIFTY', spot: 25_111.45, asOf: istInstant('2025-07-17', '15:30') })
    expect(read?.legs[0]?.expiry).toBe('2025-07-17')
  })

  it('passes over rows that are none', () => {
    const sound = readNseChain(V3)
    expect(readNseChain({ ...V3, data: [null, V3_ROW, 5, 'row', []] })?.legs).toEqual(sound?.legs)
  })

  it('keeps only contracts that have a strike and an expiry', () => {
    const odd = [
      { strikePrice: 0, expiryDate: '17-Jul-2025', CE: { ...CE, strikePrice: 0 } },
      { strikePrice: 25_000, CE: { ...CE, expiryDate: '-' }, PE: null },
      { strikePrice: 25_050, expiryDate: '17-Jul-2025', CE: {}, PE: 'x' },
    ]
    const read = readNseChain({ records: { data: odd } })
    expect(read).toMatchObject({ spot: 25_111.45, asOf: null })
    expect(read?.legs).toEqual([expect.objectContaining({ strike: 25_050, right: 'CE', last: null, oi: null })])
  })

  it.each([null, [], 'text', {}, { data: [] }, { records: { data: [{ a: 1 }] } }, { Table: [{}] }])(
    'is none in %j',
    (content) => expect(readNseChain(content)).toBeNull(),
  )
})

const FOLDER = join(import.meta.dirname, '../../../shared/data/nse-chain')
const recorded = (day: number) => {
  const path = join(FOLDER, `nifty_2025-07-${day}T1530.json.gz`)
  return readNseChain(JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')))
}

describe('two days of July 2025', () => {
  it.skipIf(!existsSync(FOLDER))(
    'tell the change of open interest that the exchange published (skipped without the data)',
    () => {
      const before = new Map(recorded(16)?.legs.map((leg) => [`${leg.expiry} ${leg.strike} ${leg.right}`, leg.oi]))
      const pairs = (recorded(17)?.legs ?? []).flatMap(({ expiry, strike, right, oi, oiChange }) => {
        const base = before.get(`${expiry} ${strike} ${right}`) ?? null
        return oi === null || base === null || oiChange === null ? [] : [oi - base - oiChange]
      })
      expect(pairs.length).toBeGreaterThan(1_000)
      expect(pairs.filter((miss) => Math.abs(miss) < 1e-6).length / pairs.length).toBeGreaterThanOrEqual(0.99)
    },
  )
})
