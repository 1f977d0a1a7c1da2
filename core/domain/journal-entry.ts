import type { IndexName } from './index-catalog.ts'
import type { Bucket, Right, Source } from './instrument.ts'
import type { ForwardMethod, IvStatus, PriceUsed } from './leg.ts'

/** What the packet itself does not say about a leg; the rest is read from the packet. In the order of the frame. */
export type LegRow = readonly [
  symbol: string,
  strike: number,
  right: Right,
  offset: number,
  /** Receipt in milliseconds before the entry's `ts`. */
  agoMs: number,
  priceUsed: PriceUsed | null,
  ivStatus: IvStatus,
  iv: number | null,
  delta: number | null,
  gamma: number | null,
  theta: number | null,
  vega: number | null,
  rho: number | null,
]

/** The legs of one index and bucket that arrived together: takes the next `seq`. */
export interface BatchEntry {
  readonly kind: 'batch'
  /** Receipt of the last packet, market clock, epoch milliseconds. */
  readonly ts: number
  readonly trace: string
  readonly source: Source
  readonly index: IndexName
  readonly bucket: Bucket
  readonly expiry: string
  readonly spot: number | null
  readonly spotFrozen: boolean
  readonly forward: number | null
  readonly forwardMethod: ForwardMethod | null
  /** A well-formed Kite frame (base64 in the file): the packets exactly as received, in the order of `rows`. */
  readonly frame: Uint8Array
  readonly rows: readonly LegRow[]
}

/** Packets of index spots, futures and VIX, exactly as received. */
export interface UnderlyingsEntry {
  readonly kind: 'underlyings'
  readonly ts: number
  readonly source: Source
  readonly frame: Uint8Array
  /** Name of each packet (`NIFTY 50`, `NIFTY26NOVFUT`, `INDIA VIX`), the index it serves (null for VIX), and ms before `ts`. */
  readonly rows: readonly (readonly [symbol: string, index: IndexName | null, agoMs: number])[]
}

export const GAP_CAUSES = [
  'app_stopped',
  'feed_disconnected',
  'feed_stale',
  'login_required',
  'machine_asleep',
  'paused',
  'journal_full',
  'disk',
  'corruption',
] as const
export type GapCause = (typeof GAP_CAUSES)[number]

/** A stretch of an open session for which packets are missing. */
export interface GapEntry {
  readonly kind: 'gap'
  readonly ts: number
  readonly from: number
  readonly to: number
  readonly cause: GapCause
  /** null = all indices. */
  readonly index: IndexName | null
  /** How many received packets were dropped, when that is known. */
  readonly dropped: number | null
}

export const SESSION_EVENTS = [
  'started',
  'stopped',
  'phase',
  'connected',
  'disconnected',
  'login_required',
  'paused',
  'resumed',
] as const

/** Something that happened to the session: start, stop, phase, connection, login, pause. */
export interface SessionEntry {
  readonly kind: 'session'
  readonly ts: number
  readonly source: Source
  readonly event: (typeof SESSION_EVENTS)[number]
  readonly detail: string
}

/** The day's list of instruments: which file it was, and its hash. */
export interface ReferenceEntry {
  readonly kind: 'reference'
  readonly ts: number
  readonly date: string
  readonly exchange: string
  readonly sha256: string
  readonly rows: number
}

/** A change of settings; secrets never appear, only that they changed. */
export interface SettingsEntry {
  readonly kind: 'settings'
  readonly ts: number
  readonly changed: Readonly<Record<string, string>>
}

/**
 * Metrics of a chain over some of its strikes, null where it does not determine them. IV and skew as fractions, straddle
 * and max pain in rupees, open interest in units, GEX and DEX in rupees as CONTRACT.md section 3 has them.
 */
export type ScopeMetrics = readonly [
  atmIv: number | null,
  /** Also the expected move. */
  straddle: number | null,
  pcrOi: number | null,
  pcrVolume: number | null,
  maxPain: number | null,
  skew25d: number | null,
  gex: number | null,
  dex: number | null,
  ceOi: number | null,
  peOi: number | null,
]

/**
 * The metrics of one chain at one instant. The whole chain is not in the record (ADR 1), so these cannot be computed
 * again from it (ADR 11).
 */
export interface AnalyticsEntry {
  readonly kind: 'analytics'
  readonly ts: number
  /** The same for all chains that were looked at together. */
  readonly trace: string
  readonly source: Source
  readonly index: IndexName
  /** Every name of the expiry that day; its legs are recorded under the first. */
  readonly buckets: readonly Bucket[]
  readonly expiry: string
  /** Market milliseconds after which the next one was due. */
  readonly everyMs: number
  /** Rupees, and points of VIX. The future is the one that expires with the chain or next after it. */
  readonly underlying: readonly [spot: number | null, future: number | null, forward: number | null, vix: number | null]
  /** Over the recorded strikes, and over the whole chain. */
  readonly window: ScopeMetrics
  readonly full: ScopeMetrics
  /** IV of the out-of-the-money side by strike, ascending; with a few samples a day, and with the last. */
  readonly smile: readonly SmilePoint[] | null
}

export type SmilePoint = readonly [strike: number, iv: number]

export type JournalEntry =
  | BatchEntry
  | UnderlyingsEntry
  | GapEntry
  | SessionEntry
  | ReferenceEntry
  | SettingsEntry
  | AnalyticsEntry
