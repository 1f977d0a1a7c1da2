import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { istInstant } from '../domain/ist.ts'
import { createRecordedMarket, type RecordedMarket } from './recorded-market.ts'

const SHARED = join(import.meta.dirname, '../../../shared/data')
const CHAIN = join(SHARED, 'nse-nifty-chain-1min/nifty_chain_2026-08-18.csv.gz')

const HEADER = 'ts,expiry,strike,type,spot,ltp,volume_lots,oi_lots,oi_chg_lots,iv'
const ROWS = [
  '2026-08-18T10:43:00+05:30,2026-08-18,24000,CE,24212.8,220.5,18,52,-8,75.38',
  '2026-08-18T10:43:00+05:30,2026-08-18,24000,PE,24212.8,0.1,36983087,26471,-3356,53.85',
  '2026-08-18T10:45:00+05:30,2026-08-18,24000,CE,24199.05,210.05,19,50,-10,',
]
const MAP = [
  'expiry,strike,type,instrument_token,tradingsymbol,lot_size',
  '2026-08-18,24000,CE,11515650,NIFTY2681824000CE,65',
  '2026-08-18,24000,PE,11515906,NIFTY2681824000PE,65',
]

describe('a recorded market', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'recorded-'))
    await writeFile(join(folder, 'kite_token_map.csv'), MAP.join('\n'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const opened = async (lines: readonly string[], gzipped = false) => {
    const csvPath = join(folder, 'chain.csv')
    const text = `${lines.join('\n')}\n`
    await writeFile(csvPath, gzipped ? gzipSync(text) : text)
    return createRecordedMarket({ csvPath })
  }

  it('plays each minute once, with what the file has and nothing else', async () => {
    const market = await opened([HEADER, ...ROWS])
    const first = istInstant('2026-08-18', '10:43')
    expect(market.firstInstant).toBe(first - 1000)
    expect([...market.advance(market.firstInstant)]).toEqual([])
    expect(market.quote(11515650)).toBeNull()
    expect(market.nextInstant(market.firstInstant)).toBe(first)
    expect([...market.advance(first)].sort()).toEqual([11515650, 11515906, 256265].sort())
    expect(market.quote(11515906)).toEqual({
      token: 11515906,
      lastPrice: 10,
      lastQuantity: 0,
      averagePrice: 0,
      volume: 2_403_900_655,
      buyQuantity: 0,
      sellQuantity: 0,
      open: 0,
      high: 0,
      low: 0,
      close: 0,
      lastTradeTime: 0,
      oi: 26471 * 65,
      oiDayHigh: 0,
      oiDayLow: 0,
      exchangeTime: first / 1000,
      depth: { quantity: Array(10).fill(0), price: Array(10).fill(0), orders: Array(10).fill(0) },
      lowerCircuit: 0,
      upperCircuit: 0,
      change: 0,
    })
    expect(market.quote(256265)).toMatchObject({ lastPrice: 2421280, depth: null })
    const second = market.nextInstant(first)
    expect(second).toBe(first + 120_000)
    expect([...market.advance(second ?? 0)].sort()).toEqual([11515650, 256265])
    expect(market.quote(11515650)).toMatchObject({ lastPrice: 21005, exchangeTime: first / 1000 + 120 })
    expect(market.quote(11515906)).toMatchObject({ exchangeTime: first / 1000 })
    expect(market.nextInstant(second ?? 0)).toBeNull()
    expect([...market.advance((second ?? 0) + 3_600_000)]).toEqual([])
  })

  it('lists the contracts of the map where there is no dump', async () => {
    const market = await opened([HEADER, ...ROWS], true)
    expect(market.date()).toBe('2026-08-18')
    expect(market.byKey('NFO:NIFTY2681824000PE')).toMatchObject({ token: 11515906, exchangeToken: 44984, lotSize: 65 })
    expect(market.byKey('NSE:NIFTY 50')?.token).toBe(256265)
    expect(market.instrumentsCsv('NFO')).toContain(
      '11515650,44983,NIFTY2681824000CE,NIFTY,0.0,2026-08-18,24000.0,0.05,65',
    )
  })

  it('leaves out and names what the map does not have', async () => {
    const market = await opened([HEADER, ...ROWS, ROWS[2]?.replace(',24000,', ',24050,') ?? ''])
    expect(market.leftOut).toEqual({ rows: 1, contracts: ['2026-08-18 24050 CE'] })
    expect([...market.advance(market.lastInstant)].length).toBe(3)
  })

  it('serves a dump that was given to the letter', async () => {
    const path = join(folder, 'NFO.csv')
    const text =
      'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange\r\n' +
      '11515650,44983,NIFTY2681824000CE,"NIFTY",0,2026-08-18,24000,0.05,65,CE,NFO-OPT,NFO\r\n'
    await writeFile(path, text)
    await writeFile(join(folder, 'chain.csv'), [HEADER, ...ROWS].join('\n'))
    const market = await createRecordedMarket({ csvPath: join(folder, 'chain.csv'), instrumentPaths: { NFO: path } })
    expect(market.instrumentsCsv('NFO')).toBe(text)
    expect(market.byToken(11515650)).toMatchObject({ name: 'NIFTY', strike: 24000 })
    expect(market.byToken(11515906)).toBeNull()
  })

  it.each([
    ['empty', [''], 'it is empty'],
    ['without rows', [HEADER], 'no rows'],
    ['of other columns', ['a,b,c', '1,2,3'], 'its columns are a,b,c'],
    ['with a price that is none', [HEADER, ROWS[0]?.replace('220.5', 'x') ?? ''], "line 2: ltp is 'x'"],
    ['of contracts that are unknown', [HEADER, ROWS[0]?.replace(',24000,', ',24050,') ?? ''], 'none of its contracts'],
    ['that goes backwards', [HEADER, ROWS[2] ?? '', ROWS[0] ?? ''], 'ts goes backwards'],
  ])('refuses a file %s', async (_, lines, reason) => {
    await expect(opened(lines)).rejects.toMatchObject({
      code: 'file_unreadable',
      message: expect.stringContaining(reason),
    })
  })

  it('refuses a file that is missing, or has no map of tokens', async () => {
    const missing = createRecordedMarket({ csvPath: join(folder, 'none.csv') })
    await expect(missing).rejects.toMatchObject({ code: 'file_unreadable' })
    await rm(join(folder, 'kite_token_map.csv'))
    await expect(opened([HEADER, ...ROWS])).rejects.toMatchObject({ code: 'file_unreadable' })
  })
})

/** Not in the dump of that morning: listed during the day. */
const NO_TOKEN = '2026-09-08 22600 PE'

/** Open interest by minute, in units, read from the file without the product's help. */
async function openInterestOfFile(counts: (expiry: string, strike: string, type: string) => boolean) {
  const lines = gunzipSync(await readFile(CHAIN))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
  const totals = new Map<number, number>()
  for (const line of lines) {
    const [ts = '', expiry = '', strike = '', type = '', , , , oi] = line.split(',')
    const before = totals.get(Date.parse(ts)) ?? 0
    totals.set(Date.parse(ts), before + (counts(expiry, strike, type) ? Number(oi) * 65 : 0))
  }
  return totals
}

function playAll(market: RecordedMarket) {
  const oi = new Map<number, number>()
  let rows = 0
  let largestVolume = 0
  for (let at = market.nextInstant(market.firstInstant); at !== null; at = market.nextInstant(at)) {
    const quotes = [...market.advance(at)].filter((token) => token !== 256265).map((token) => market.quote(token))
    rows += quotes.length
    largestVolume = Math.max(largestVolume, ...quotes.map((quote) => quote?.volume ?? Number.NaN))
    oi.set(
      at,
      quotes.reduce((sum, quote) => sum + (quote?.oi ?? Number.NaN), 0),
    )
    expect(new Set(quotes.map((quote) => quote?.exchangeTime))).toEqual(new Set([at / 1000]))
  }
  return { rows, oi, largestVolume }
}

describe('the recorded day of 18 August 2026', () => {
  it.skipIf(!existsSync(CHAIN))('is delivered row by row, with the open interest of the file', async () => {
    const market = await createRecordedMarket({ csvPath: CHAIN })
    expect(market.leftOut).toEqual({ rows: 288, contracts: ['2026-09-08 22600 PE'] })
    const expected = await openInterestOfFile((expiry, strike, type) => `${expiry} ${strike} ${type}` !== NO_TOKEN)
    const played = playAll(market)
    expect(played.rows + market.leftOut.rows).toBe(153_990)
    expect(played.oi).toEqual(expected)
    expect(played.largestVolume).toBe(36_983_087 * 65)
    expect(market.listings('NFO').length).toBe(34_764)
    expect(market.listings('BFO').length).toBe(4_258)
    const dump = await readFile(join(SHARED, 'kite-instruments-2026-08-18/NFO.csv.gz'))
    expect(market.instrumentsCsv('NFO')).toBe(gunzipSync(dump).toString('utf8'))
    for (const listing of market.listings('NFO')) expect(listing.exchangeToken).toBe(listing.token >>> 8)
  })
})
