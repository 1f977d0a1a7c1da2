import type { Migration } from '../sqlite.ts'

/**
 * A checksum of its own for every row that no digest of a batch covers. The digest covers what the view `legs` shows,
 * so the rows it is made of are left out (`leg_rows`, `last_legs`, which are also compared with each other).
 */
export const dayChecksums: Migration = {
  version: 5,
  sql: `
ALTER TABLE position ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE position SET checksum = row_checksum(id, epoch, seq, nth, crc);

ALTER TABLE contracts ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE contracts SET checksum = row_checksum(id, "index", bucket, expiry, strike, "right", symbol, token);

ALTER TABLE batches ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE batches SET checksum = row_checksum(
  epoch, seq, ts, first_ts, "index", bucket, source, count, spot, spot_frozen, forward, forward_method, digest);

ALTER TABLE underlying_rows ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE underlying_rows SET checksum = row_checksum(
  epoch, seq, nth, row, ts, symbol, "index", last_price, open, high, low, close, volume, oi, exchange_ts);

ALTER TABLE gaps ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE gaps SET checksum = row_checksum(epoch, seq, nth, ts, "from", "to", cause, "index", dropped);

ALTER TABLE sessions ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE sessions SET checksum = row_checksum(epoch, seq, nth, ts, source, event, detail);

ALTER TABLE analytics ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE analytics SET checksum = row_checksum(
  "index", expiry, ts, every_ms, spot, future, forward, vix,
  window_atm_iv, window_straddle, window_pcr_oi, window_pcr_volume, window_max_pain, window_skew_25d, window_gex,
  window_dex, window_ce_oi, window_pe_oi,
  full_atm_iv, full_straddle, full_pcr_oi, full_pcr_volume, full_max_pain, full_skew_25d, full_gex,
  full_dex, full_ce_oi, full_pe_oi);

ALTER TABLE buckets ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE buckets SET checksum = row_checksum("index", bucket, expiry);

ALTER TABLE smiles ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
UPDATE smiles SET checksum = row_checksum("index", expiry, ts, points);
`,
}
