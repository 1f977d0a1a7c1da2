import { encodeFrame } from '../core/contract/kite-encode.ts'
import { createCalendar } from '../core/domain/calendar.ts'
import { CALENDAR_DATA } from '../core/domain/calendar-data.ts'
import type { IndexName } from '../core/domain/index-catalog.ts'
import { BUCKETS } from '../core/domain/instrument.ts'
import { buildUniverse } from '../core/engine/universe.ts'
import type { Market, Quote } from '../core/exchange/market.ts'
import { createSimulatedMarket } from '../core/exchange/market-simulated.ts'
import { packetOf } from '../core/exchange/socket-packets.ts'
import { startScriptedTicker } from '../core/testing/scripted-ticker.ts'

/** Epoch milliseconds with fractions, the same in Node and in Chromium on one machine. */
const preciseNow = (): number => performance.timeOrigin + performance.now()

const EVERY_MS = 100
/** A feed that is silent for long would be taken for dead: who is sent nothing else gets a sign of life. */
const SIGN_MS = 1_000
/** Ticks that a price goes up before it begins anew: for so many messages no price of a contract comes twice. */
const STEPS = 60
const TICK = 5
/** Below this all steps of a price would not be seen with two decimals and a spread around them. */
const LEAST_PRICE = 1_000

export interface Written {
  readonly price: number
  readonly at: number
}

export interface Contracts {
  readonly spot: number
  readonly strikes: readonly number[]
  /** By slot: calls and puts of each strike in turn. */
  readonly tokens: readonly number[]
}

/** Kite's ticker as far as the benchmark needs it: full packets of the contracts of one chain, ten messages a second. */
export interface StubTicker {
  readonly root: string
  readonly contracts: Contracts
  /** Sends the whole chain, then so many legs with each message, to who has connected with this key. */
  play(apiKey: string, legs: number): Playing
  close(): Promise<void>
}

export interface Playing {
  /** Prices by token, in order, and when each was written to the socket. */
  readonly written: ReadonlyMap<number, readonly Written[]>
  stop(): void
}

export interface StubOptions {
  readonly index: IndexName
  /** Of the exchange that lists the contracts. */
  readonly seed: number
  readonly startMs: number
}

export async function startStubTicker({ index, seed, startMs }: StubOptions): Promise<StubTicker> {
  const ticker = await startScriptedTicker()
  const begun = performance.now()
  const market = createSimulatedMarket({ calendar: createCalendar(CALENDAR_DATA) }, { seed, startMs })
  market.advance(startMs)
  const { spotToken, contracts } = contractsOf(market, index)
  const packet = (token: number, step: number): Uint8Array => {
    const exchangeTime = Math.floor((startMs + performance.now() - begun) / 1000)
    return packetOf({ ...stepped(quoteOf(market, token), step), exchangeTime }, 'full')
  }
  const priceOf = (token: number, step: number) => stepped(quoteOf(market, token), step).lastPrice / 100
  const send = (isFor: (apiKey: string | null) => boolean, frame: Uint8Array) => {
    for (const { socket, query } of ticker.sockets) if (isFor(query.get('api_key'))) socket.send(frame)
  }
  let played: string | null = null
  const sign = setInterval(() => send((key) => key !== played, encodeFrame([packet(spotToken, 0)])), SIGN_MS)
  return {
    root: ticker.root,
    contracts,
    play(apiKey, legs) {
      const written = new Map<number, Written[]>()
      played = apiKey
      const every = Math.max(1, Math.round(contracts.tokens.length / legs))
      let due = performance.now()
      let timer: NodeJS.Timeout
      // Each message is made before it is due, so that its making costs no time that is measured.
      const plan = (message: number) => {
        const step = message % STEPS
        const tokens = contracts.tokens.filter((_, place) => message === 0 || isSent(place, message, every))
        const frame = encodeFrame(tokens.map((token) => packet(token, step)))
        const run = () => {
          const at = preciseNow()
          send((key) => key === apiKey, frame)
          for (const token of tokens) {
            const known = written.get(token) ?? []
            known.push({ price: priceOf(token, step), at })
            written.set(token, known)
          }
          due += EVERY_MS
          plan(message + 1)
        }
        timer = setTimeout(run, Math.max(0, due - performance.now()))
      }
      plan(0)
      const stop = () => {
        played = null
        clearTimeout(timer)
      }
      return { written, stop }
    },
    async close() {
      clearInterval(sign)
      await ticker.stop()
    },
  }
}

/** The nearest chain of an index, as the exchange lists it. */
function contractsOf(market: Market, index: IndexName) {
  const instruments = (['NSE', 'BSE', 'NFO', 'BFO'] as const).flatMap((exchange) => market.listings(exchange))
  const date = market.date()
  const universe = buildUniverse({ date, indices: [index], buckets: BUCKETS, instruments, spotTokens: new Map() })
  const entry = universe.indices[0]
  const chain = entry?.chains[0]
  if (entry === undefined || chain === undefined) throw new RangeError(`${index} is not listed`)
  const tokens = chain.contracts.map((contract) => contract?.token ?? 0)
  const spot = quoteOf(market, entry.spotToken).lastPrice / 100
  return { spotToken: entry.spotToken, contracts: { spot, strikes: chain.strikes, tokens } }
}

function quoteOf(market: Market, token: number): Quote {
  const quote = market.quote(token)
  if (quote === null) throw new RangeError(`${token} has no quote`)
  return quote
}

/** Every so-manieth contract, others with each message, spread over the chain. */
function isSent(place: number, message: number, every: number): boolean {
  return (place * 7 + message * 3) % every === 0
}

/** The quote of an option with its price and its book moved up by some ticks. */
function stepped(quote: Quote, step: number): Quote {
  if (quote.depth === null) return quote
  const lastPrice = Math.max(LEAST_PRICE, quote.lastPrice) + step * TICK
  const price = quote.depth.price.map((one) => one + lastPrice - quote.lastPrice)
  const depth = { ...quote.depth, price }
  return { ...quote, lastPrice, volume: quote.volume + step, oi: quote.oi + step, depth }
}
