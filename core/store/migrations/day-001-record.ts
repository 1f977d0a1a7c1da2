import type { Migration } from '../sqlite.ts'

/**
 * A trading day. Rows are keyed by their place in the record, time first: appending to the end of a B-tree is four
 * times as fast as inserting by instrument. Prices are whole paise, receipts are milliseconds before the batch's
 * `ts`, and what all legs of a batch or of a contract share stands once; the view `legs` puts it together again.
 * `nth` tells apart the records that share a \`seq\`: 0 is the batch itself.
 */
export const dayRecord: Migration = {
  version: 1,
  sql: `
CREATE TABLE position (
  id     INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  epoch  INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  nth    INTEGER NOT NULL,
  crc    INTEGER NOT NULL,
  synced INTEGER NOT NULL
) STRICT;

CREATE TABLE contracts (
  id      INTEGER NOT NULL PRIMARY KEY,
  "index" TEXT    NOT NULL,
  bucket  TEXT    NOT NULL,
  expiry  TEXT    NOT NULL,
  strike  REAL    NOT NULL,
  "right" TEXT    NOT NULL CHECK ("right" IN ('CE', 'PE')),
  symbol  TEXT    NOT NULL,
  token   INTEGER NOT NULL,
  UNIQUE (symbol, "index", bucket, expiry, strike, "right", token)
) STRICT;

CREATE TABLE batches (
  epoch          INTEGER NOT NULL,
  seq            INTEGER NOT NULL,
  ts             INTEGER NOT NULL,
  first_ts       INTEGER NOT NULL,
  "index"        TEXT    NOT NULL,
  bucket         TEXT    NOT NULL,
  source         TEXT    NOT NULL,
  count          INTEGER NOT NULL,
  spot           INTEGER,
  spot_frozen    INTEGER NOT NULL,
  forward        INTEGER,
  forward_method TEXT,
  digest         BLOB    NOT NULL,
  PRIMARY KEY (epoch, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX batches_by_bucket ON batches ("index", bucket);

CREATE TABLE leg_rows (
  epoch       INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  row         INTEGER NOT NULL,
  contract    INTEGER NOT NULL,
  ago         INTEGER NOT NULL,
  offset      INTEGER NOT NULL,
  ltp         INTEGER,
  bid         INTEGER,
  ask         INTEGER,
  bid_qty     INTEGER,
  ask_qty     INTEGER,
  volume      INTEGER,
  oi          INTEGER,
  oi_day_high INTEGER,
  oi_day_low  INTEGER,
  open        INTEGER,
  high        INTEGER,
  low         INTEGER,
  close       INTEGER,
  iv          REAL,
  delta       REAL,
  gamma       REAL,
  theta       REAL,
  vega        REAL,
  rho         REAL,
  exchange_ts INTEGER,
  price_used  INTEGER,
  iv_status   INTEGER NOT NULL,
  PRIMARY KEY (epoch, seq, row)
) STRICT, WITHOUT ROWID;

CREATE TABLE last_legs (
  contract INTEGER NOT NULL PRIMARY KEY,
  epoch    INTEGER NOT NULL,
  seq      INTEGER NOT NULL,
  row      INTEGER NOT NULL
) STRICT;

CREATE TABLE underlying_rows (
  epoch       INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  nth         INTEGER NOT NULL,
  row         INTEGER NOT NULL,
  ts          INTEGER NOT NULL,
  symbol      TEXT    NOT NULL,
  "index"     TEXT,
  last_price  INTEGER,
  open        INTEGER,
  high        INTEGER,
  low         INTEGER,
  close       INTEGER,
  volume      INTEGER,
  oi          INTEGER,
  exchange_ts INTEGER,
  PRIMARY KEY (epoch, seq, nth, row)
) STRICT, WITHOUT ROWID;

CREATE TABLE gaps (
  epoch   INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  nth     INTEGER NOT NULL,
  ts      INTEGER NOT NULL,
  "from"  INTEGER NOT NULL,
  "to"    INTEGER NOT NULL,
  cause   TEXT    NOT NULL,
  "index" TEXT,
  dropped INTEGER,
  PRIMARY KEY (epoch, seq, nth)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  epoch  INTEGER NOT NULL,
  seq    INTEGER NOT NULL,
  nth    INTEGER NOT NULL,
  ts     INTEGER NOT NULL,
  source TEXT    NOT NULL,
  event  TEXT    NOT NULL,
  detail TEXT    NOT NULL,
  PRIMARY KEY (epoch, seq, nth)
) STRICT, WITHOUT ROWID;

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
  CASE l.price_used WHEN 0 THEN 'mid' WHEN 1 THEN 'last' END AS price_used,
  CASE l.iv_status WHEN 0 THEN 'ok' WHEN 1 THEN 'below_intrinsic' WHEN 2 THEN 'above_maximum' WHEN 3 THEN 'no_price'
    WHEN 4 THEN 'no_forward' WHEN 5 THEN 'expired' WHEN 6 THEN 'wide_spread' WHEN 7 THEN 'stale' END AS iv_status,
  b.forward_method AS forward_method
FROM leg_rows l
JOIN batches b ON b.epoch = l.epoch AND b.seq = l.seq
JOIN contracts c ON c.id = l.contract;

CREATE VIEW legs AS
SELECT ts, "index", bucket, expiry, strike, offset, "right", symbol, token, ltp, bid, ask, bid_qty, ask_qty, volume, oi,
  oi_day_high, oi_day_low, open, high, low, close, iv, delta, gamma, theta, vega, rho, spot, forward, exchange_ts, batch,
  source, price_used, iv_status, forward_method
FROM keyed_legs;

CREATE VIEW underlyings AS
SELECT
  ts, symbol, "index", last_price / 100.0 AS last_price, open / 100.0 AS open, high / 100.0 AS high,
  low / 100.0 AS low, close / 100.0 AS close, volume, oi, exchange_ts, epoch, seq, nth, row
FROM underlying_rows;
`,
}
