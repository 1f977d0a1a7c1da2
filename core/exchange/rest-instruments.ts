import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Exchange } from '../domain/index-catalog.ts'
import type { Market } from './market.ts'
import { inputFailure, type RestReply, success } from './rest-reply.ts'

const compress = promisify(gzip)

/** Exchanges that the market serves, in the order of the whole dump. */
const SERVED: readonly Exchange[] = ['NSE', 'NFO', 'BSE', 'BFO']
/** Kite's other exchanges: nothing is listed there. */
const EMPTY: readonly string[] = ['CDS', 'BCD', 'MCX', 'MF', 'NSEIX', 'GLOBAL']

const INTERVALS: readonly string[] = [
  'minute',
  '3minute',
  '5minute',
  '10minute',
  '15minute',
  '30minute',
  '60minute',
  'day',
]
const DATE_TIME = /^\d{4}-\d{2}-\d{2}([ +T]\d{2}:\d{2}(:\d{2})?)?$/

export interface InstrumentsRoute {
  /** `exchange` null: the whole dump. */
  answer(exchange: string | null, acceptsGzip: boolean): Promise<RestReply>
}

/** The instruments dump as CSV. The compressed body of each exchange is kept until its text changes. */
export function createInstrumentsRoute(market: Market): InstrumentsRoute {
  const kept = new Map<string, { readonly csv: string; readonly packed: Uint8Array }>()

  const packedOf = async (name: string, csv: string) => {
    const known = kept.get(name)
    if (known?.csv === csv) return known.packed
    const packed = await compress(csv)
    kept.set(name, { csv, packed })
    return packed
  }
  return {
    async answer(exchange, acceptsGzip) {
      const csv = csvOf(market, exchange)
      if (csv === null) return inputFailure('Invalid exchange')
      // Exactly text/csv: the official client leaves a body with a charset unparsed.
      const headers = { 'content-type': 'text/csv', vary: 'accept-encoding' }
      if (!acceptsGzip) return { status: 200, body: csv, headers }
      const body = await packedOf(exchange ?? '', csv)
      return { status: 200, body, headers: { ...headers, 'content-encoding': 'gzip' } }
    },
  }
}

function csvOf(market: Market, exchange: string | null): string | null {
  if (exchange === null) {
    const [first = '', ...others] = SERVED.map((one) => market.instrumentsCsv(one))
    return first + others.map(withoutHeader).join('')
  }
  const served = SERVED.find((one) => one === exchange)
  if (served !== undefined) return market.instrumentsCsv(served)
  return EMPTY.includes(exchange) ? headerOf(market.instrumentsCsv('NSE')) : null
}

function headerOf(csv: string): string {
  return csv.slice(0, csv.indexOf('\n') + 1)
}

function withoutHeader(csv: string): string {
  return csv.slice(csv.indexOf('\n') + 1)
}

/** Candles of the past: the market keeps none, so a well-formed call gets an empty list, as for a token without trades. */
export function answerHistorical(token: string, interval: string, query: URLSearchParams): RestReply {
  if (!/^\d+$/.test(token)) return inputFailure('invalid token')
  if (!INTERVALS.includes(interval)) return inputFailure('invalid interval')
  for (const name of ['from', 'to'])
    if (!DATE_TIME.test(query.get(name) ?? '')) return inputFailure(`invalid ${name} date`)
  return success({ candles: [] })
}
