import { z } from 'zod'
import type { SeriesMetric } from '../contract/series.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import type { Bucket } from '../domain/instrument.ts'
import type { GapCause, SmilePoint } from '../domain/journal-entry.ts'
import { LEG_COLUMNS, type Leg } from '../domain/leg.ts'
import type { Database } from './sqlite.ts'

export interface SampleQuery {
  readonly index: IndexName
  readonly bucket: Bucket
  readonly metrics: readonly SeriesMetric[]
  readonly scope: 'window' | 'full'
  /** Epoch milliseconds, both inclusive. */
  readonly from: number
  readonly to: number
  /** Only the newest one. */
  readonly lastOnly?: boolean
}

/** What was known of a chain at one instant. */
export interface Sample {
  readonly ts: number
  /** Market milliseconds after which the next one was due. */
  readonly everyMs: number
  /** In the order of the metrics that were asked for. */
  readonly values: readonly (number | null)[]
}

export interface RecordedGap {
  readonly from: number
  readonly to: number
  readonly cause: GapCause
}

const LEG_SELECT = LEG_COLUMNS.map(({ name }) => `k."${name}"`).join(', ')

/** Files of older versions, which nothing has written to since, lack the later tables. */
function hasTable(database: Database, name: 'analytics' | 'smiles'): boolean {
  return database.prepare<[string]>('SELECT 1 FROM sqlite_master WHERE name = ?').pluck().get(name) === 1
}

/** The same over whatever strikes. */
const UNDERLYING: ReadonlySet<SeriesMetric> = new Set<SeriesMetric>(['spot', 'future', 'forward', 'vix'])

function columnOf(metric: SeriesMetric, scope: 'window' | 'full'): string {
  if (UNDERLYING.has(metric)) return metric
  return metric === 'expected_move' ? `${scope}_straddle` : `${scope}_${metric}`
}

/** Samples of the expiry that the bucket named that day, ascending. */
export function samplesIn(database: Database, query: SampleQuery): readonly Sample[] {
  if (!hasTable(database, 'analytics')) return []
  const { index, bucket, metrics, scope, from, to, lastOnly = false } = query
  const columns = metrics.map((metric) => columnOf(metric, scope)).join(', ')
  const sql = `SELECT ts, every_ms, ${columns} FROM analytics
    WHERE "index" = ? AND expiry = (SELECT expiry FROM buckets WHERE "index" = ? AND bucket = ?) AND ts BETWEEN ? AND ?
    ORDER BY ts ${lastOnly ? 'DESC LIMIT 1' : ''}`
  type Row = [ts: number, everyMs: number, ...values: (number | null)[]]
  const rows = database.prepare<[string, string, string, number, number], Row>(sql).raw()
  return rows.all(index, index, bucket, from, to).map(([ts, everyMs, ...values]) => ({ ts, everyMs, values }))
}

const smilePoints = z.array(z.number())

/** The newest smile of an expiry; empty where the file has none. */
export function lastSmileIn(database: Database, index: IndexName, expiry: string): readonly SmilePoint[] {
  if (!hasTable(database, 'smiles')) return []
  const sql = 'SELECT points FROM smiles WHERE "index" = ? AND expiry = ? ORDER BY ts DESC LIMIT 1'
  const text = database.prepare<[string, string], string>(sql).pluck().get(index, expiry)
  const flat = smilePoints.parse(JSON.parse(text ?? '[]'))
  return flat.flatMap((strike, k) => (k % 2 === 0 ? [[strike, flat[k + 1] ?? Number.NaN] as const] : []))
}

/** Recorded gaps of the index that touch a stretch, by their beginning. */
export function gapsIn(database: Database, index: IndexName, from: number, to: number): readonly RecordedGap[] {
  const sql = `SELECT "from", "to", cause FROM gaps WHERE "from" < ? AND "to" > ? AND ("index" IS NULL OR "index" = ?)
    ORDER BY "from", "to"`
  return database.prepare<[number, number, string], RecordedGap>(sql).all(to, from, index)
}

/** The last leg of each contract of an expiry, whatever bucket it was in; by strike, CE before PE. */
export function lastLegsOfExpiryIn(database: Database, index: IndexName, expiry: string): readonly Leg[] {
  const sql = `SELECT ${LEG_SELECT} FROM contracts c JOIN last_legs x ON x.contract = c.id
    JOIN keyed_legs k ON k.epoch = x.epoch AND k.seq = x.seq AND k.row = x.row WHERE c."index" = ? AND c.expiry = ?
    ORDER BY k.strike, k."right"`
  return database.prepare<[string, string], Leg>(sql).all(index, expiry)
}
