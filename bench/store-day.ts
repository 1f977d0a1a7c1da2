import { statSync } from 'node:fs'
import Sqlite, { type Database } from 'better-sqlite3'
import type { IndexName } from '../core/domain/index-catalog.ts'
import type { Bucket, Right } from '../core/domain/instrument.ts'
import { istInstant } from '../core/domain/ist.ts'
import type { BatchEntry } from '../core/domain/journal-entry.ts'
import { LEG_COLUMNS, type Leg } from '../core/domain/leg.ts'
import { createLegDigest } from '../core/files/leg-csv.ts'
import type { JournalRecord } from '../core/ports/journal.ts'
import { type DayFile, type NumberedRecord, openDayFile } from '../core/store/day-file.ts'

export interface Chain {
  readonly index: IndexName
  readonly bucket: Bucket
}

export const CHAINS: readonly Chain[] = (['NIFTY', 'BANKNIFTY', 'FINNIFTY', 'MIDCPNIFTY', 'SENSEX'] as const).flatMap(
  (index) => (['this_week', 'next_week'] as const).map((bucket) => ({ index, bucket })),
)
const LEGS_A_CHAIN = 41
export const CONTRACTS = CHAINS.length * LEGS_A_CHAIN
export const OPENS_AT = istInstant('2026-11-23', '09:15')
const SECOND_MS = 1000
const EXPIRY = '2026-11-24'
const KINDS = { time: 'INTEGER', integer: 'INTEGER', price: 'REAL', number: 'REAL', text: 'TEXT' } as const

export const tokenOf = (chain: number, place: number) => 1000 + chain * LEGS_A_CHAIN + place
export const strikeOf = (place: number) => 24_000 + 50 * (place >> 1)
export const rightOf = (place: number): Right => (place % 2 === 0 ? 'CE' : 'PE')

function legOf({ index, bucket }: Chain, chain: number, place: number, second: number, seq: number): Leg {
  const wave = Math.sin(second / 300 + place)
  const paise = Math.round(12_000 + 4_000 * wave)
  const strike = strikeOf(place)
  const right = rightOf(place)
  const decimals = (value: number, scale: number) => Math.round(value * scale) / scale
  return {
    ...{
      ts: OPENS_AT + second * SECOND_MS + place,
      index,
      bucket,
      expiry: EXPIRY,
      strike,
      offset: (place >> 1) - 10,
      right,
    },
    ...{ symbol: `${index}26NOV${strike}${right}`, token: tokenOf(chain, place) },
    ...{ ltp: paise / 100, bid: (paise - 5) / 100, ask: (paise + 5) / 100, bid_qty: 75, ask_qty: 150 },
    ...{ volume: 1_000_000 + 75 * second, oi: 500_000 + 75 * (second % 97), oi_day_high: 600_000, oi_day_low: 400_000 },
    ...{ open: 118.5, high: 165.25, low: 78.1, close: 121.95 },
    ...{
      iv: decimals(0.14 + 0.01 * wave, 1e8),
      delta: decimals(wave / 2, 1e7),
      gamma: decimals(0.0012 + wave / 1e4, 1e10),
    },
    ...{ theta: decimals(-12 + wave, 1e5), vega: decimals(8 + wave, 1e5), rho: decimals(1 + wave / 9, 1e5) },
    ...{ spot: 24_447.15, forward: 24_460.4, exchange_ts: OPENS_AT + second * SECOND_MS, batch: `1-${seq}` },
    ...{ source: 'sim', price_used: 'mid', iv_status: 'ok', forward_method: 'parity' },
  }
}

function recordOf(chain: Chain, at: number, second: number): NumberedRecord {
  const seq = 1 + second * CHAINS.length + at
  const legs = Array.from({ length: LEGS_A_CHAIN }, (_, place) => legOf(chain, at, place, second, seq))
  const entry: BatchEntry = {
    ...{ kind: 'batch', ts: OPENS_AT + second * SECOND_MS + LEGS_A_CHAIN, trace: '', source: 'sim', ...chain },
    ...{ expiry: EXPIRY, spot: 24_447.15, spotFrozen: false, forward: 24_460.4, forwardMethod: 'parity' },
    ...{ frame: new Uint8Array(0), rows: [] },
  }
  const record: JournalRecord = { position: { epoch: 1, seq, crc: seq }, entry, legs }
  return { record, at: { epoch: 1, seq, crc: seq, nth: 0 } }
}

/** What it took to write a day. */
export interface Ingest {
  readonly legs: number
  readonly usPerLeg: number
  readonly bytesPerLeg: number
}

/** Every contract once, in a batch for each chain. */
export function recordsOf(second: number): NumberedRecord[] {
  return CHAINS.map((chain, at) => recordOf(chain, at, second))
}

/** An empty day store, as the product opens it. */
export function openDay(path: string, digestOf = createLegDigest()): DayFile {
  const none = () => []
  return openDayFile(path, { legsOf: none, underlyingsOf: none, digestOf })
}

/** Writes a day of so many seconds, as the product does. */
export function writeDay(path: string, seconds: number): Ingest {
  const file = openDay(path)
  let spent = 0
  for (let second = 0; second < seconds; second += 1) {
    const records = recordsOf(second)
    const before = process.cpuUsage()
    file.write(records)
    const { user, system } = process.cpuUsage(before)
    spent += user + system
  }
  file.checkpoint()
  file.close()
  const legs = seconds * CONTRACTS
  return { legs, usPerLeg: spent / legs, bytesPerLeg: statSync(path).size / legs }
}

/** A database with a table of all columns of a leg, as one would make it. */
export function openTable(path: string, key: string): Database {
  const database = new Sqlite(path)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = NORMAL')
  const columns = LEG_COLUMNS.map(({ name, kind }) => `"${name}" ${KINDS[kind]}`)
  database.exec(`CREATE TABLE legs (${columns.join(', ')}${key}`)
  return database
}

/** The same legs in a table as one would make it, instrument first; filled in its own order, which is its best case. */
export function writeAnchor(path: string, day: string): { readonly database: Database; readonly bytes: number } {
  const database = openTable(path, ', PRIMARY KEY (token, ts)) WITHOUT ROWID')
  database.prepare('ATTACH ? AS day').run(day)
  database.exec('INSERT INTO legs SELECT * FROM day.legs ORDER BY token, ts')
  database.exec('DETACH day')
  database.pragma('wal_checkpoint(TRUNCATE)')
  return { database, bytes: statSync(path).size }
}
