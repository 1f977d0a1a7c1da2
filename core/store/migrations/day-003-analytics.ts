import type { Migration } from '../sqlite.ts'

/**
 * Metrics of chains through the day (ADR 11). A series is one stretch of the B-tree, read from beginning to end. Of two
 * samples of a chain with the same instant the later one stays. `buckets` says which expiry a bucket named that day.
 */
export const dayAnalytics: Migration = {
  version: 3,
  sql: `
CREATE TABLE analytics (
  "index"           TEXT    NOT NULL,
  expiry            TEXT    NOT NULL,
  ts                INTEGER NOT NULL,
  every_ms          INTEGER NOT NULL,
  spot              REAL,
  future            REAL,
  forward           REAL,
  vix               REAL,
  window_atm_iv     REAL,
  window_straddle   REAL,
  window_pcr_oi     REAL,
  window_pcr_volume REAL,
  window_max_pain   REAL,
  window_skew_25d   REAL,
  window_gex        REAL,
  window_dex        REAL,
  window_ce_oi      REAL,
  window_pe_oi      REAL,
  full_atm_iv       REAL,
  full_straddle     REAL,
  full_pcr_oi       REAL,
  full_pcr_volume   REAL,
  full_max_pain     REAL,
  full_skew_25d     REAL,
  full_gex          REAL,
  full_dex          REAL,
  full_ce_oi        REAL,
  full_pe_oi        REAL,
  PRIMARY KEY ("index", expiry, ts)
) STRICT, WITHOUT ROWID;

CREATE TABLE buckets (
  "index" TEXT NOT NULL,
  bucket  TEXT NOT NULL,
  expiry  TEXT NOT NULL,
  PRIMARY KEY ("index", bucket)
) STRICT, WITHOUT ROWID;
`,
}
