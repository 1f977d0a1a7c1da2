import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { startExchange } from '../testing/exchange-harness.ts'
import { createFakeMarket } from '../testing/fake-market.ts'
import { createInstrumentsRoute } from './rest-instruments.ts'
import { answerQuotes, type QuoteKind } from './rest-quotes.ts'
import type { RestReply } from './rest-reply.ts'
import { answerLogout, answerMargins, answerProfile, answerSession } from './rest-user.ts'
import { createSessions } from './session.ts'

const MOCKS = fileURLToPath(new URL('../../../shared/data/kite-mocks', import.meta.url))
// The recorded bodies are not part of the repository.
const absent = !existsSync(MOCKS)

type Shape = string | readonly Shape[] | { readonly [key: string]: Shape }

/** Keys and types of a body: values are replaced by their types, an array by the distinct shapes of its elements. */
function shapeOf(value: unknown): Shape {
  if (value === null) return 'null'
  if (Array.isArray(value)) {
    const shapes = value.map((one) => JSON.stringify(shapeOf(one)))
    return [...new Set(shapes)].map((text): Shape => JSON.parse(text))
  }
  if (typeof value !== 'object') return typeof value
  const fields = Object.entries(value).map(([key, one]): [string, Shape] => [key, shapeOf(one)])
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)))
}

const mock = (name: string): unknown => JSON.parse(readFileSync(join(MOCKS, name), 'utf8'))
const body = (reply: RestReply): unknown => JSON.parse(String(reply.body))

/** The recorded body with the one instrument of it renamed to ours. */
function renamed(value: unknown, key: string): unknown {
  return JSON.parse(JSON.stringify(value).replace(/"NSE:INFY"/, JSON.stringify(key)))
}

describe.skipIf(absent)('bodies against recorded ones (skipped without ../shared/data)', () => {
  it('has the keys and types of a profile and of margins', () => {
    expect(shapeOf(body(answerProfile()))).toEqual(shapeOf(mock('profile.json')))
    expect(shapeOf(body(answerMargins(null)))).toEqual(shapeOf(mock('margins.json')))
    expect(shapeOf(body(answerMargins('equity')))).toEqual(shapeOf(mock('margins_equity.json')))
    expect(shapeOf(body(answerMargins('commodity')))).toEqual(shapeOf(mock('margin_commodity.json')))
  })

  it.each<[QuoteKind, string]>([
    ['quote', 'NFO:NIFTY26NOV20000CE'],
    ['quote', 'NSE:NIFTY 50'],
    ['ohlc', 'NSE:NIFTY 50'],
    ['ltp', 'NFO:NIFTY26NOV20000CE'],
  ])('has the keys and types of %s of %s', (kind, key) => {
    const market = createFakeMarket()
    market.advance(0)
    const ours = body(answerQuotes(market, kind, [key]))
    expect(shapeOf(ours)).toEqual(shapeOf(renamed(mock(`${kind}.json`), key)))
    const text = JSON.stringify(ours)
    if (kind === 'quote') expect(text).toMatch(/"timestamp":"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"/)
  })

  it('has the keys and types of a session and its end', () => {
    const clock = { wallNow: () => 1_795_494_600_000, monotonicMs: () => 0 }
    const sessions = createSessions({ clock, random: () => 0.5 }, { apiKey: 'key', apiSecret: 'secret' })
    const request_token = sessions.requestToken()
    const checksum = createHash('sha256').update(`key${request_token}secret`).digest('hex')
    const session = body(answerSession(sessions, new URLSearchParams({ api_key: 'key', request_token, checksum })))
    const recorded = shapeOf(mock('generate_session.json'))
    // A trader without a picture: the recorded profile says null where the recorded session has an address.
    expect(shapeOf(session)).toEqual(
      JSON.parse(JSON.stringify(recorded).replace('"avatar_url":"string"', '"avatar_url":"null"')),
    )
    const query = new URLSearchParams({ api_key: 'key', access_token: sessions.accessToken() })
    expect(body(answerLogout(sessions, query))).toEqual(mock('session_logout.json'))
  })

  it('has the columns of the instruments dump, and of candles the list', async () => {
    const { body: csv } = await createInstrumentsRoute(createFakeMarket()).answer(null, false)
    const [header] = readFileSync(join(MOCKS, 'instruments_all.csv'), 'utf8').split(/\r?\n/)
    expect(String(csv).split('\n')[0]).toBe(header)
    const { exchange } = await startExchange()
    const authorization = `token sim_key:${exchange.accessToken()}`
    const path = '/instruments/historical/256265/minute?from=2026-11-23+09:15:00&to=2026-11-23+15:30:00'
    const reply: unknown = await (await fetch(exchange.origin + path, { headers: { authorization } })).json()
    expect(reply).toEqual({ status: 'success', data: { candles: [] } })
    expect(mock('historical_minute.json')).toHaveProperty('data.candles', expect.any(Array))
  })
})
