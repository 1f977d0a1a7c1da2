import type { Migration } from '../sqlite.ts'

/** `price_used` may be `twin`. Only the view changes: rows of older days hold no such code. `legs` reads through it. */
export const dayTwin: Migration = {
  version: 2,
  sql: `
DROP VIEW keyed_legs;

CREATE VIEW keyed_legs AS
SELECT
  b.epoch AS epoch, b.seq AS seq, l.row AS row, l.contract AS contract, b.first_ts AS batch_first_ts, b.ts AS batch_ts,
  b.ts - l.ago AS ts, b."index" AS "index", b.bucket AS bucket, c.expiry AS expiry, c.strike AS strike,
  l.offset AS offset, c."right" AS "right", c.symbol AS symbol, c.token AS token,
  l.ltp / 100.0 AS ltp, l.bid / 100.0 AS bid, l.ask / 100.0 AS ask, l.bid_qty AS bid_qty, l.ask_qty AS ask_qty,
  l.volume AS volume, l.oi AS oi, l.oi_day_high AS oi_day_high, l.oi_day_low AS oi_day_low,
  l.open / 100.0 AS open, l.high / 100.0 AS high, l.low / 100.0 AS low, l.close / 100.0 AS close,
  l.iv AS iv, l.delta AS delta, l.gamma AS gamma, l.theta AS theta, l.vega AS vega, l.rho AS rho,
  b.spot / 100.0 AS spot, b.forward / 100.0 AS forward, l.exchange_ts AS exchange_ts,
  b.epoch || '-' || b.seq AS batch, b.source AS source,
  CASE l.price_used WHEN 0 THEN 'mid' WHEN 1 THEN 'last' WHEN 2 THEN 'twin' END AS price_used,
  CASE l.iv_status WHEN 0 THEN 'ok' WHEN 1 THEN 'below_intrinsic' WHEN 2 THEN 'above_maximum' WHEN 3 THEN 'no_price'
    WHEN 4 THEN 'no_forward' WHEN 5 THEN 'expired' WHEN 6 THEN 'wide_spread' WHEN 7 THEN 'stale' END AS iv_status,
  b.forward_method AS forward_method
FROM leg_rows l
JOIN batches b ON b.epoch = l.epoch AND b.seq = l.seq
JOIN contracts c ON c.id = l.contract;
`,
}
