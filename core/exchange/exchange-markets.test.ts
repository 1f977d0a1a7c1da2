import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createRejects, decodeFrame } from '../contract/kite-wire.ts'
import { createTickFrame, PACKET_KIND, type TickFrame } from '../contract/tick-frame.ts'
import { createCalendar } from '../domain/calendar.ts'
import { CALENDAR_DATA } from '../domain/calendar-data.ts'
import { INDEX_CATALOG } from '../domain/index-catalog.ts'
import { eventually } from '../testing/eventually.ts'
import { connectSocket, START_MS, startExchange, type TestSocket } from '../testing/exchange-harness.ts'
import { createSimulatedMarket } from './market-simulated.ts'
import { createRecordedMarket } from './recorded-market.ts'

const RECORDED = fileURLToPath(new URL('../../../shared/data/nse-nifty-chain-1min', import.meta.url))
const CHAIN = join(RECORDED, 'nifty_chain_2026-08-18.csv.gz')
// The recorded day is not part of the repository.
const absent = !existsSync(CHAIN)

/** Calls `take` with each packet of what arrived; returns how many were refused. */
function eachPacket(client: TestSocket, take: (frame: TickFrame, i: number) => void): number {
  const into = createTickFrame()
  const rejects = createRejects()
  for (const bytes of client.frames) {
    decodeFrame(bytes, into, rejects)
    for (let i = 0; i < into.count; i += 1) take(into, i)
  }
  return Object.values(rejects).reduce((sum, count) => sum + count, 0)
}

function subscribe(client: TestSocket, tokens: readonly number[]): void {
  client.say({ a: 'subscribe', v: tokens })
  client.say({ a: 'mode', v: ['full', tokens] })
}

describe('the simulated market on the wire', () => {
  it('moves, with two-sided books, and no packet is refused', async () => {
    const calendar = createCalendar(CALENDAR_DATA)
    const market = createSimulatedMarket({ calendar }, { seed: 42 })
    const { exchange } = await startExchange({ startMs: START_MS, speed: 20 }, market)
    const client = await connectSocket(exchange)
    const options = market.listings('NFO').filter((one) => one.name === 'NIFTY' && one.expiry === '2026-11-23')
    expect(options.length).toBeGreaterThan(50)
    subscribe(client, [INDEX_CATALOG.NIFTY.spotToken, ...options.map((one) => one.token)])
    const spots = () => {
      const seen = new Set<number>()
      eachPacket(client, (frame, i) => {
        if (frame.token[i] === INDEX_CATALOG.NIFTY.spotToken) seen.add(frame.lastPrice[i] ?? 0)
      })
      return seen.size
    }
    await eventually(() => expect(spots()).toBeGreaterThan(5))
    await exchange.stop()
    let books = 0
    let received = 0
    const refused = eachPacket(client, (frame, i) => {
      received += 1
      const [bid = 0, ask = 0] = [frame.depthPrice[i * 10], frame.depthPrice[i * 10 + 5]]
      if (frame.kind[i] !== PACKET_KIND.full || bid === 0 || ask === 0) return
      books += 1
      expect(bid).toBeLessThan(ask)
    })
    expect(refused).toBe(0)
    expect(books).toBeGreaterThan(100)
    expect(received).toBeLessThanOrEqual(exchange.counts().packets.total)
  })
})

describe.skipIf(absent)('a recorded day on the wire (skipped without ../shared/data)', () => {
  const linesOf = (text: string) => text.trim().split('\n').slice(1)

  /** The rows of contracts that have a Kite token: as a file, and what they hold. One contract of the day has none. */
  async function listedRows() {
    const tokenMapPath = join(RECORDED, 'kite_token_map.csv')
    const tokens = new Map<string, number>()
    for (const line of linesOf(readFileSync(tokenMapPath, 'utf8'))) {
      const [expiry, strike, type, token] = line.split(',')
      tokens.set(`${expiry} ${strike} ${type}`, Number(token))
    }
    const [header = '', ...lines] = gunzipSync(readFileSync(CHAIN)).toString('utf8').trim().split('\n')
    const rows = lines
      .map((line) => line.split(','))
      .filter(([, expiry, strike, type]) => tokens.has(`${expiry} ${strike} ${type}`))
    /** Units per minute (unix seconds). */
    const oi = new Map<number, number>()
    for (const [ts = '', , , , , , , oiLots] of rows) {
      const second = Date.parse(ts) / 1000
      oi.set(second, (oi.get(second) ?? 0) + 65 * Number(oiLots))
    }
    const folder = await mkdtemp(join(tmpdir(), 'recorded-day-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const csvPath = join(folder, 'chain.csv')
    await writeFile(csvPath, `${[header, ...rows.map((row) => row.join(','))].join('\n')}\n`)
    return { csvPath, tokenMapPath, rows: rows.length, oi, tokens: [...tokens.values()] }
  }

  it('delivers every row of a listed contract once', { timeout: 60_000 }, async () => {
    const file = await listedRows()
    const market = await createRecordedMarket(file)
    const options = { startMs: market.firstInstant, speed: 6000, waitForSubscriber: true }
    const { exchange } = await startExchange(options, market)
    const client = await connectSocket(exchange)
    subscribe(client, file.tokens)
    await eventually(() => expect(exchange.counts().packets.byClass.options).toBe(file.rows), 45_000)
    const oi = new Map<number, number>()
    let received = 0
    const count = () => {
      oi.clear()
      received = 0
      return eachPacket(client, (frame, i) => {
        received += 1
        const second = frame.exchangeTime[i] ?? 0
        oi.set(second, (oi.get(second) ?? 0) + (frame.oi[i] ?? 0))
      })
    }
    await eventually(() => {
      expect(count()).toBe(0)
      expect(received).toBe(file.rows)
    })
    expect(oi).toEqual(file.oi)
    expect(exchange.counts().packets).toMatchObject({ total: file.rows, byMode: { full: file.rows } })
  })
})
