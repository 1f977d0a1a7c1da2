import { describe, expect, it } from 'vitest'
import type { BatchEntry, LegRow, UnderlyingsEntry } from '../domain/journal-entry.ts'
import { LEG_COLUMNS } from '../domain/leg.ts'
import { buildBatch, createRandom } from '../testing/leg-builder.ts'
import { optionPacket, TEN } from '../testing/market-builder.ts'
import { encodeFrame, encodeIndexFull, encodeLtp } from './kite-encode.ts'
import { createRecordComposer } from './leg-record.ts'

const row: LegRow = ['NIFTY2612024050CE', 24_050, 'CE', 0, 40, 'mid', 'ok', 0.12, 0.51, 0.0011, -8.5, 12.25, 3.5]
const token = (77 << 8) | 2

function batchOf(packets: readonly Uint8Array[], rows: readonly LegRow[]): BatchEntry {
  return {
    kind: 'batch',
    ts: TEN,
    trace: 'trace',
    source: 'sim',
    index: 'NIFTY',
    bucket: 'this_week',
    expiry: '2026-12-01',
    spot: 24_060,
    spotFrozen: false,
    forward: 24_071.25,
    forwardMethod: 'parity',
    frame: encodeFrame(packets),
    rows,
  }
}

describe('legs of the record', () => {
  it('have the columns of the contract, in its order', () => {
    const legs = createRecordComposer().legsOf(buildBatch(createRandom(1), { ts: TEN }), '1-1')
    for (const leg of legs) expect(Object.keys(leg)).toEqual(LEG_COLUMNS.map(({ name }) => name))
  })

  it('take quotes from the packet, and the rest from row and head', () => {
    const at = TEN - 1000
    const packet = optionPacket({ token, last: 151.3, bid: 151.25, ask: 151.35, volume: 3_000_000_000, oi: 7, at })
    const [leg] = createRecordComposer().legsOf(batchOf([packet], [row]), '3-9')
    expect(leg).toEqual({
      ts: TEN - 40,
      index: 'NIFTY',
      bucket: 'this_week',
      expiry: '2026-12-01',
      strike: 24_050,
      offset: 0,
      right: 'CE',
      symbol: 'NIFTY2612024050CE',
      token,
      ltp: 151.3,
      bid: 151.25,
      ask: 151.35,
      bid_qty: 65,
      ask_qty: 65,
      volume: 3_000_000_000,
      oi: 7,
      oi_day_high: 6000,
      oi_day_low: 100,
      open: 151.3,
      high: 151.3,
      low: 151.3,
      close: 151.3,
      iv: 0.12,
      delta: 0.51,
      gamma: 0.0011,
      theta: -8.5,
      vega: 12.25,
      rho: 3.5,
      spot: 24_060,
      forward: 24_071.25,
      exchange_ts: at,
      batch: '3-9',
      source: 'sim',
      price_used: 'mid',
      iv_status: 'ok',
      forward_method: 'parity',
    })
  })

  it('are null where the packet has none, quantities beside missing prices too', () => {
    const packet = optionPacket({ token, last: 5, ask: 5.05, oiDayHigh: 0 })
    const [leg] = createRecordComposer().legsOf(batchOf([packet], [row]), '1-1')
    expect(leg).toMatchObject({ bid: null, bid_qty: null, ask: 5.05, ask_qty: 65, oi_day_high: null })
  })

  it('divide prices as the segment of the token says', () => {
    const currency = optionPacket({ token: (77 << 8) | 3, last: 1_000_000 })
    const [leg] = createRecordComposer().legsOf(batchOf([currency], [row]), '1-1')
    expect(leg?.ltp).toBe(10)
  })

  it.each([
    ['fewer packets than rows', [optionPacket({ token, last: 5 })], [row, row]],
    ['more packets than rows', [optionPacket({ token, last: 5 }), optionPacket({ token, last: 5 })], [row]],
    ['a packet that is none', [Uint8Array.of(1, 2, 3)], [row]],
  ])('are refused when the frame holds %s', (_, packets, rows) => {
    expect(() => createRecordComposer().legsOf(batchOf(packets, rows), '1-1')).toThrow(
      expect.objectContaining({ code: 'internal' }),
    )
  })

  it('do not depend on the batch that was read before', () => {
    const random = createRandom(7)
    const [large, small] = [buildBatch(random, { ts: TEN, legs: 40 }), buildBatch(random, { ts: TEN, legs: 2 })]
    const reused = createRecordComposer()
    reused.legsOf(large, '1-1')
    expect(reused.legsOf(small, '1-2')).toEqual(createRecordComposer().legsOf(small, '1-2'))
  })
})

describe('underlyings of the record', () => {
  const entry = (packets: readonly Uint8Array[], rows: UnderlyingsEntry['rows']): UnderlyingsEntry => ({
    kind: 'underlyings',
    ts: TEN,
    source: 'sim',
    frame: encodeFrame(packets),
    rows,
  })
  const index = {
    token: 256_265,
    lastPrice: 2_406_005,
    high: 2_410_000,
    low: 2_400_000,
    open: 2_405_000,
    close: 2_399_995,
  }

  it('are spots without volume, and futures with it', () => {
    const packets = [
      encodeIndexFull({ ...index, change: 6010, exchangeTime: TEN / 1000 }),
      optionPacket({ token, last: 24_070, volume: 12, oi: 34 }),
    ]
    const rows: UnderlyingsEntry['rows'] = [
      ['NIFTY 50', 'NIFTY', 25],
      ['NIFTY26DECFUT', 'NIFTY', 0],
    ]
    expect(createRecordComposer().underlyingsOf(entry(packets, rows))).toEqual([
      {
        ts: TEN - 25,
        symbol: 'NIFTY 50',
        index: 'NIFTY',
        last_price: 24_060.05,
        open: 24_050,
        high: 24_100,
        low: 24_000,
        close: 23_999.95,
        volume: null,
        oi: null,
        exchange_ts: TEN,
      },
      expect.objectContaining({ ts: TEN, symbol: 'NIFTY26DECFUT', last_price: 24_070, volume: 12, oi: 34 }),
    ])
  })

  it('are null where a packet of mode ltp says nothing', () => {
    const [vix] = createRecordComposer().underlyingsOf(
      entry([encodeLtp({ token: 264_969, lastPrice: 1325 })], [['INDIA VIX', null, 0]]),
    )
    expect(vix).toMatchObject({ index: null, last_price: 13.25, open: null, close: null, exchange_ts: null, oi: null })
  })
})
