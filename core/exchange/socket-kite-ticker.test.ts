import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import { startExchange } from '../testing/exchange-harness.ts'
import { createFakeMarket, FUTURE_TOKEN, NIFTY_TOKEN, optionToken } from '../testing/fake-market.ts'
import type { Exchange } from './exchange.ts'

/** The official ticker keeps its state in its module and ends its process when it likes: it gets one of its own. */
const PROGRAM = `
const { KiteTicker } = require('kiteconnect')
const [root, access_token, modes] = process.argv.slice(1)
const ticker = new KiteTicker({ api_key: 'sim_key', access_token, root })
const say = (event, value) => process.stdout.write(JSON.stringify({ event, value }) + '\\n')
ticker.on('connect', () => {
  say('connect', null)
  for (const [mode, tokens] of JSON.parse(modes)) {
    ticker.subscribe(tokens)
    ticker.setMode(mode, tokens)
  }
})
ticker.on('ticks', (ticks) => { for (const tick of ticks) say('tick', tick) })
ticker.on('message', (data) => { if (data.byteLength === 1) say('heartbeat', null) })
ticker.on('error', (fault) => say('error', fault.message))
ticker.connect()
`

interface Said {
  readonly event: string
  readonly value: unknown
}

function startTicker(exchange: Exchange, token: string, modes: readonly [string, readonly number[]][]): Said[] {
  const root = `ws://127.0.0.1:${exchange.port}/`
  const child = spawn(process.execPath, ['-e', PROGRAM, root, token, JSON.stringify(modes)], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const said: Said[] = []
  createInterface({ input: child.stdout }).on('line', (line) => said.push(JSON.parse(line)))
  return said
}

const OHLC = { open: 99, high: 101, low: 98, close: 99.5 }
const change = expect.closeTo((0.75 * 100) / 99.5, 9)

describe('the official KiteTicker', () => {
  it.each([false, true])('receives every kind of packet with its values (deflate: %s)', async (deflate) => {
    const { exchange } = await startExchange({ deflate }, createFakeMarket())
    const said = startTicker(exchange, exchange.accessToken(), [
      ['full', [optionToken(0), NIFTY_TOKEN]],
      ['ltp', [FUTURE_TOKEN]],
      ['quote', [optionToken(1)]],
    ])
    const tick = (token: number, mode: string) =>
      eventually(() => {
        const match = { instrument_token: token, mode }
        const found = said.find(
          ({ event, value }) => event === 'tick' && expect.objectContaining(match).asymmetricMatch(value),
        )
        expect(found).toBeDefined()
        return found?.value
      })
    const quote = {
      tradable: true,
      last_price: 100.25,
      last_traded_quantity: 65,
      average_traded_price: 100.11,
      // The official parser reads 2,500,000,000 as a signed number.
      volume_traded: 2_500_000_000 - 2 ** 32,
      total_buy_quantity: 975,
      total_sell_quantity: 3900,
      ohlc: OHLC,
      change,
    }
    expect(await tick(optionToken(1), 'quote')).toEqual({ ...quote, mode: 'quote', instrument_token: optionToken(1) })
    expect(await tick(optionToken(0), 'full')).toEqual({
      ...quote,
      mode: 'full',
      instrument_token: optionToken(0),
      last_trade_time: new Date(1_795_494_599_000).toISOString(),
      exchange_timestamp: new Date(1_795_494_600_000).toISOString(),
      oi: 3_000_000_000 - 2 ** 32,
      oi_day_high: 3_100_000_000 - 2 ** 32,
      oi_day_low: 2_900_000_000 - 2 ** 32,
      depth: {
        buy: [100.2, 100.15, 100.1, 100.05, 100].map((price, i) => ({ price, quantity: 65 * (i + 1), orders: i + 1 })),
        sell: [100.25, 100.3, 100.35, 100.4, 100.45].map((price, i) => ({
          price,
          quantity: 65 * (i + 10),
          orders: i + 6,
        })),
      },
    })
    expect(await tick(FUTURE_TOKEN, 'ltp')).toEqual({
      tradable: true,
      mode: 'ltp',
      instrument_token: FUTURE_TOKEN,
      last_price: 100.25,
    })
    expect(await tick(NIFTY_TOKEN, 'full')).toEqual({
      tradable: false,
      mode: 'full',
      instrument_token: NIFTY_TOKEN,
      last_price: 100.25,
      ohlc: OHLC,
      change,
      exchange_timestamp: new Date(1_795_494_600_000).toISOString(),
    })
    await eventually(() => expect(said.map((one) => one.event)).toContain('heartbeat'))
  })

  it('receives what moves, and is refused with a wrong token', async () => {
    const { exchange, market } = await startExchange({}, createFakeMarket())
    const said = startTicker(exchange, exchange.accessToken(), [['full', [optionToken(0)]]])
    const refused = startTicker(exchange, 'wrong', [])
    await eventually(() => expect(said.filter((one) => one.event === 'tick')).toHaveLength(2))
    market.set({ token: optionToken(0), lastPrice: 12_345 })
    await eventually(() => expect(said.at(-1)?.value).toMatchObject({ last_price: 123.45, mode: 'full' }))
    await eventually(() => expect(refused).toContainEqual({ event: 'error', value: 'Unexpected server response: 403' }))
  })
})
