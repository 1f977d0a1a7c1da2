import { copyStore } from './copy-store.ts'

const LAST_KEYS = 'SELECT epoch, seq, row FROM last_legs'
const ENDS = (table: string, key: string) =>
  `SELECT * FROM (SELECT ${key} FROM ${table} ORDER BY ${key} LIMIT 1)
   UNION SELECT * FROM (SELECT ${key} FROM ${table} ORDER BY ts DESC LIMIT 1)`

/**
 * Rows that stay, by table: the last leg of each contract and the batch it came in, the first and the newest packet, the
 * last sample and smile of each chain, every gap and session. A table that is not here stays empty.
 */
const KEPT: Readonly<Record<string, string>> = {
  position: '',
  contracts: '',
  last_legs: '',
  gaps: '',
  sessions: '',
  buckets: '',
  leg_rows: `WHERE (epoch, seq, row) IN (${LAST_KEYS})`,
  batches: `WHERE (epoch, seq) IN (SELECT epoch, seq FROM last_legs UNION ${ENDS('batches', 'epoch, seq')})`,
  underlying_rows: `WHERE (epoch, seq, nth, row) IN (${ENDS('underlying_rows', 'epoch, seq, nth, row')})`,
  analytics: 'WHERE ("index", expiry, ts) IN (SELECT "index", expiry, max(ts) FROM analytics GROUP BY "index", expiry)',
  smiles: 'WHERE ("index", expiry, ts) IN (SELECT "index", expiry, max(ts) FROM smiles GROUP BY "index", expiry)',
}

/**
 * Writes what stood at the close of the day in `from`: a database of the same schema, some thousandth of its size.
 * Whatever asks for a close, a last sample or a gap gets the same answer from both. It is not synced yet.
 */
export function writeClosingFile(from: string, to: string): void {
  copyStore(from, to, (table) => KEPT[table] ?? null)
}
