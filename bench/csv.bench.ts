import { stringify } from 'csv-stringify/sync'
import { LEG_COLUMNS, type Leg } from '../core/domain/leg.ts'
import { createCsvFormat } from '../core/files/leg-csv.ts'
import type { Arena, Benchmark } from './harness.ts'
import { bufferText, encodeAll } from './line-buffers.ts'
import { collectLegs } from './market-feed.ts'
import { createMarketFrames } from './market-frames.ts'

const LEGS = 4100
/** csv-stringify gets so many rows at once: a whole chain. */
const AT_ONCE = 410

const text = (value: string | number | null) => (value === null ? '' : value)
const price = (value: number | null) => (value === null ? '' : value.toFixed(2))

/** The line as one would write it without further thought; the same bytes as the product's. */
function lineOf(leg: Leg): string {
  const head = `${leg.ts},${leg.index},${leg.bucket},${leg.expiry},${leg.strike},${leg.offset},${leg.right},${leg.symbol},${leg.token}`
  const quote = `${price(leg.ltp)},${price(leg.bid)},${price(leg.ask)},${text(leg.bid_qty)},${text(leg.ask_qty)},${text(leg.volume)}`
  const day = `${text(leg.oi)},${text(leg.oi_day_high)},${text(leg.oi_day_low)},${price(leg.open)},${price(leg.high)},${price(leg.low)},${price(leg.close)}`
  const greeks = `${text(leg.iv)},${text(leg.delta)},${text(leg.gamma)},${text(leg.theta)},${text(leg.vega)},${text(leg.rho)}`
  const tail = `${price(leg.spot)},${price(leg.forward)},${text(leg.exchange_ts)},${leg.batch},${leg.source},${text(leg.price_used)},${leg.iv_status},${text(leg.forward_method)}`
  return `${head},${quote},${day},${greeks},${tail}\n`
}

async function open(): Promise<Arena> {
  const legs = await collectLegs(createMarketFrames(), LEGS)
  const { encode } = createCsvFormat()
  for (const leg of legs) {
    if (Buffer.from(encode(leg)).toString() !== lineOf(leg)) throw new Error(`the lines of ${leg.symbol} differ`)
  }
  const columns = LEG_COLUMNS.map(({ name }) => name)
  return {
    contestants: [
      { name: 'CSV encoder', run: () => encodeAll(legs, encode) },
      { name: 'template string', run: () => bufferText(legs, lineOf) },
      {
        name: 'csv-stringify',
        run() {
          for (let at = 0; at < legs.length; at += AT_ONCE) {
            Buffer.from(stringify(legs.slice(at, at + AT_ONCE), { columns }))
          }
          return legs.length
        },
      },
    ],
    claims: [
      {
        text: 'csv-stringify / CSV encoder',
        ...{ of: 'csv-stringify', to: 'CSV encoder', better: 'higher', pass: 8, ambitious: 14 },
      },
      {
        text: 'template string / CSV encoder, same bytes',
        ...{ of: 'template string', to: 'CSV encoder', better: 'higher', pass: null, ambitious: 3.5 },
      },
    ],
    async close() {},
  }
}

export const csv: Benchmark = {
  name: 'csv',
  title: 'CSV lines',
  description: `Legs of a simulated market, ${LEG_COLUMNS.length} columns, as CSV lines in buffers of 64 KiB; no file is written. The template
string gives the same bytes; \`csv-stringify\` 6.9 (sync, ${AT_ONCE} rows at once) writes numbers as JavaScript does.`,
  unit: 'line',
  cost: 'processor',
  roundMs: 150,
  open,
}
