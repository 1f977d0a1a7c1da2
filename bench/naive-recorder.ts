import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { stringify } from 'csv-stringify/sync'
import type { IndexName } from '../core/domain/index-catalog.ts'
import type { Instrument } from '../core/domain/instrument.ts'
import { LEG_COLUMNS, type Leg } from '../core/domain/leg.ts'
import type { Chain } from '../core/engine/universe.ts'
import { createTurntable, STEPS_PER_RUN } from './market-feed.ts'
import type { MarketFrames } from './market-frames.ts'
import { createOfficialParser, type OfficialTick } from './official-parser.ts'
import type { Recorder } from './recorder.ts'

const COLUMNS = LEG_COLUMNS.map(({ name }) => name)
const KINDS = { time: 'INTEGER', integer: 'INTEGER', price: 'REAL', number: 'REAL', text: 'TEXT' } as const

/**
 * What one puts together from packages in an afternoon: the official parser, an object a leg, JSON.stringify,
 * csv-stringify, and a SQLite table with an index on instrument and time, a transaction a frame. It computes no IV,
 * keeps no raw packets and syncs nothing: all of that would only make it slower.
 */
export function createNaiveRecorder(market: MarketFrames, folder: string): Recorder {
  mkdirSync(folder, { recursive: true })
  const database = new Sqlite(join(folder, 'legs.db'))
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = NORMAL')
  const columns = LEG_COLUMNS.map(({ name, kind }) => `"${name}" ${KINDS[kind]}`)
  database.exec(`CREATE TABLE legs (${columns.join(', ')}); CREATE INDEX by_token ON legs (token, ts)`)
  const insert = database.prepare(`INSERT INTO legs VALUES (${COLUMNS.map((name) => `@${name}`).join(', ')})`)
  const insertAll = database.transaction((legs: readonly Leg[]) => {
    for (const leg of legs) insert.run(leg)
  })
  const parse = createOfficialParser()
  const contracts = contractsOf(market)
  const turntable = createTurntable(market)
  const record = (frame: Uint8Array) => {
    const ts = turntable.now()
    const legs = parse(new Uint8Array(frame).buffer).flatMap((tick) => {
      const contract = contracts.get(tick.instrument_token)
      return contract === undefined ? [] : [legOf(tick, contract, ts)]
    })
    appendFileSync(join(folder, 'legs.csv'), stringify([...legs], { columns: COLUMNS }))
    appendFileSync(join(folder, 'legs.jsonl'), legs.map((leg) => `${JSON.stringify(leg)}\n`).join(''))
    insertAll(legs)
  }
  return {
    async run() {
      let packets = 0
      for (let at = 0; at < STEPS_PER_RUN; at += 1) {
        const step = turntable.next()
        for (const frame of step.frames) record(frame)
        packets += step.packets
      }
      return packets
    },
    async stop() {
      database.close()
    },
  }
}

interface Contract {
  readonly chain: Chain
  readonly index: IndexName
  readonly instrument: Instrument
  readonly offset: number
}

function contractsOf({ universe }: MarketFrames): ReadonlyMap<number, Contract> {
  const contracts = new Map<number, Contract>()
  for (const { spec, chains } of universe.indices) {
    for (const chain of chains) {
      for (const [slot, instrument] of chain.contracts.entries()) {
        if (instrument === null) continue
        const offset = (slot >> 1) - (chain.strikes.length >> 1)
        contracts.set(instrument.token, { chain, index: spec.name, instrument, offset })
      }
    }
  }
  return contracts
}

const NO_GREEKS = { iv: null, delta: null, gamma: null, theta: null, vega: null, rho: null } as const

function legOf(tick: OfficialTick, { chain, index, instrument, offset }: Contract, ts: number): Leg {
  const bid = tick.depth?.buy[0]
  const ask = tick.depth?.sell[0]
  return {
    ...{ ts, index, bucket: chain.bucket, expiry: chain.expiry, strike: instrument.strike, offset },
    ...{ right: instrument.type === 'CE' ? 'CE' : 'PE', symbol: instrument.symbol, token: instrument.token },
    ltp: tick.last_price,
    bid: bid?.price ?? null,
    ask: ask?.price ?? null,
    bid_qty: bid?.quantity ?? null,
    ask_qty: ask?.quantity ?? null,
    volume: tick.volume_traded,
    oi: tick.oi,
    oi_day_high: tick.oi_day_high,
    oi_day_low: tick.oi_day_low,
    open: tick.ohlc.open,
    high: tick.ohlc.high,
    low: tick.ohlc.low,
    close: tick.ohlc.close,
    ...NO_GREEKS,
    ...{ spot: null, forward: null, exchange_ts: tick.exchange_timestamp?.getTime() ?? null },
    ...{ batch: '1-1', source: 'sim', price_used: null, iv_status: 'ok', forward_method: null },
  }
}
