import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import { startExchange } from '../testing/exchange-harness.ts'
import { optionToken } from '../testing/fake-market.ts'
import type { Exchange } from './exchange.ts'

interface QuoteBody {
  readonly depth: { readonly buy: readonly unknown[]; readonly sell: readonly unknown[] }
}

/** What is used here of the official client; its own declarations leave most of it out. */
interface OfficialClient {
  default_login_uri: string
  getLoginURL(): string
  generateSession(requestToken: string, secret: string): Promise<unknown>
  invalidateAccessToken(): Promise<unknown>
  getProfile(): Promise<unknown>
  getMargins(segment?: string): Promise<unknown>
  getInstruments(exchange?: string): Promise<readonly { readonly exchange?: string }[]>
  getQuote(keys: readonly string[]): Promise<Record<string, QuoteBody>>
  getOHLC(keys: readonly string[]): Promise<unknown>
  getLTP(keys: readonly string[]): Promise<Record<string, unknown>>
  getHistoricalData(token: number, interval: string, from: string, to: string): Promise<unknown>
}

const {
  KiteConnect,
}: { KiteConnect: new (parameters: { readonly api_key: string; readonly root: string }) => OfficialClient } =
  createRequire(import.meta.url)('kiteconnect')

/** The request token that a browser would carry back. */
async function requestToken(loginUrl: string): Promise<string> {
  const reply = await fetch(loginUrl, { redirect: 'manual' })
  return new URL(reply.headers.get('location') ?? '').searchParams.get('request_token') ?? ''
}

function client(exchange: Exchange): OfficialClient {
  const kite = new KiteConnect({ api_key: 'sim_key', root: exchange.origin })
  kite.default_login_uri = `${exchange.origin}/connect/login`
  return kite
}

async function loggedIn(exchange: Exchange): Promise<OfficialClient> {
  const kite = client(exchange)
  await kite.generateSession(await requestToken(kite.getLoginURL()), 'sim_secret')
  return kite
}

/** Calls again while the answer is 429: the quote family takes one call a second. */
const patiently = <T>(call: () => Promise<T>) => eventually(call)

describe('the official REST client', () => {
  it('logs in, uses the session and ends it', async () => {
    const { exchange } = await startExchange()
    const kite = client(exchange)
    const token = await requestToken(kite.getLoginURL())
    const session = await kite.generateSession(token, 'sim_secret')
    expect(session).toMatchObject({ api_key: 'sim_key', access_token: exchange.accessToken() })
    expect(await kite.getProfile()).toMatchObject({ user_id: 'SIM001', broker: 'ZERODHA' })
    expect(await kite.getMargins()).toMatchObject({ equity: { enabled: true }, commodity: { enabled: true } })
    expect(await kite.getMargins('equity')).toMatchObject({ available: { cash: 1_000_000 } })
    await expect(kite.generateSession(token, 'sim_secret')).rejects.toMatchObject({ error_type: 'TokenException' })
    expect(await kite.invalidateAccessToken()).toBe(true)
    await expect(kite.getProfile()).rejects.toMatchObject({ error_type: 'TokenException', status: 'error' })
  })

  it('is refused a session with the wrong secret', async () => {
    const { exchange } = await startExchange()
    const kite = client(exchange)
    const token = await requestToken(kite.getLoginURL())
    await expect(kite.generateSession(token, 'wrong')).rejects.toEqual({
      status: 'error',
      message: 'Invalid `checksum`.',
      data: null,
      error_type: 'TokenException',
    })
  })

  it('loses its session when another one begins', async () => {
    const { exchange } = await startExchange()
    const first = await loggedIn(exchange)
    await first.getProfile()
    const second = await loggedIn(exchange)
    await expect(first.getProfile()).rejects.toMatchObject({ error_type: 'TokenException' })
    expect(await second.getProfile()).toMatchObject({ user_id: 'SIM001' })
  })

  it('parses the instruments', async () => {
    const { exchange } = await startExchange()
    const kite = await loggedIn(exchange)
    const rows = await kite.getInstruments('NFO')
    expect(rows).toHaveLength(5 + 1)
    expect(rows[1]).toMatchObject({
      instrument_token: String(optionToken(0)),
      tradingsymbol: 'NIFTY26NOV20000CE',
      expiry: new Date('2026-11-23'),
      strike: 20_000,
      lot_size: 65,
      segment: 'NFO-OPT',
    })
    const all = await kite.getInstruments()
    expect(new Set(all.map((row) => row.exchange).filter(Boolean))).toEqual(new Set(['NSE', 'NFO', 'BSE']))
    expect(all).toHaveLength(7 + 1)
  })

  it('gets quotes, and nothing for unknown keys', async () => {
    const { exchange } = await startExchange()
    const kite = await loggedIn(exchange)
    const option = 'NFO:NIFTY26NOV20000CE'
    const quotes = await patiently(() => kite.getQuote([option, 'NSE:NIFTY 50', 'NFO:NOTHING']))
    expect(Object.keys(quotes)).toEqual([option, 'NSE:NIFTY 50'])
    expect(quotes[option]).toMatchObject({
      instrument_token: optionToken(0),
      last_price: 100.25,
      volume: 2_500_000_000,
      oi: 3_000_000_000,
      net_change: 0.75,
      ohlc: { open: 99, high: 101, low: 98, close: 99.5 },
    })
    expect(quotes[option]?.depth.buy[0]).toEqual({ price: 100.2, quantity: 65, orders: 1 })
    expect(quotes[option]?.depth.sell[4]).toEqual({ price: 100.45, quantity: 910, orders: 10 })
    expect(await patiently(() => kite.getOHLC([option]))).toEqual({
      [option]: {
        instrument_token: optionToken(0),
        last_price: 100.25,
        ohlc: { open: 99, high: 101, low: 98, close: 99.5 },
      },
    })
    expect(await patiently(() => kite.getLTP(['NSE:NIFTY 50', 'BSE:NOTHING']))).toEqual({
      'NSE:NIFTY 50': { instrument_token: 256265, last_price: 100.25 },
    })
  })

  it('gets a thousand last prices in one call, and is refused one more', async () => {
    const { exchange } = await startExchange()
    const kite = await loggedIn(exchange)
    const keys = Array.from({ length: 1001 }, (_, i) => `NFO:NIFTY26NOV${20_000 + i}CE`)
    expect(Object.keys(await patiently(() => kite.getLTP(keys.slice(0, 1000)))).length).toBeGreaterThan(0)
    const refusal = async () => {
      const fault = await kite.getLTP(keys).catch((thrown: unknown) => thrown)
      expect(fault).toMatchObject({ error_type: 'InputException' })
    }
    await patiently(refusal)
  })

  it('gets no candles, in a well-formed answer', async () => {
    const { exchange } = await startExchange()
    const kite = await loggedIn(exchange)
    expect(await kite.getHistoricalData(256265, 'minute', '2026-11-23 09:15:00', '2026-11-23 10:00:00')).toEqual([])
    await expect(kite.getHistoricalData(256265, 'minute', 'yesterday', '2026-11-23 10:00:00')).rejects.toMatchObject({
      error_type: 'InputException',
    })
  })
})
