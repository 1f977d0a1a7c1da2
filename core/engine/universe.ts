import { assignBuckets, recordedBucketOf } from '../domain/expiry-buckets.ts'
import { INDEX_CATALOG, type IndexName, type IndexSpec, VIX } from '../domain/index-catalog.ts'
import type { Bucket, Instrument } from '../domain/instrument.ts'
import { OpError } from '../kernel/errors.ts'
import { groupBy } from '../kernel/group-by.ts'

/** Kite: 3 connections of 3000 instruments each. */
export const MAX_TOKENS = 9000

/** All listed options of one index and expiry. Slot `2k` is the call, `2k + 1` the put of the k-th strike. */
export interface Chain {
  readonly index: IndexName
  readonly expiry: string
  /** The bucket its legs are recorded under; `aliases` are all that name this expiry today. */
  readonly bucket: Bucket
  readonly aliases: readonly Bucket[]
  readonly lotSize: number
  /** Ascending. */
  readonly strikes: readonly number[]
  /** Contract of each slot, null where the exchange lists none. */
  readonly contracts: readonly (Instrument | null)[]
}

export interface IndexUniverse {
  readonly spec: IndexSpec
  readonly spotToken: number
  /** Nearest unexpired future first. */
  readonly futures: readonly Instrument[]
  readonly buckets: ReadonlyMap<Bucket, string>
  /** Every unexpired expiry in the dump, ascending. */
  readonly expiries: readonly string[]
  /** One for each distinct expiry of the wanted buckets, nearest first. */
  readonly chains: readonly Chain[]
}

/** What the product watches on one market date. */
export interface Universe {
  readonly date: string
  readonly indices: readonly IndexUniverse[]
  readonly vixToken: number
  /** Spots, VIX, nearest futures and whole near chains: at most `MAX_TOKENS`. */
  readonly tokens: readonly number[]
  /** Contracts that did not fit, farthest from the middle of their chain first. */
  readonly leftOut: number
}

export interface UniverseRequest {
  readonly date: string
  readonly indices: readonly IndexName[]
  readonly buckets: readonly Bucket[]
  readonly instruments: readonly Instrument[]
  /** Tokens of spots by `EXCHANGE:SYMBOL` where the broker told them. */
  readonly spotTokens: ReadonlyMap<string, number>
  readonly maxTokens?: number
}

/** Key of an instrument as the broker's quote call takes it. */
export function quoteKey(exchange: string, symbol: string): string {
  return `${exchange}:${symbol}`
}

/** Builds the universe of a market date from the instruments dump alone: no weekday rule, no symbol parsed. */
export function buildUniverse(request: UniverseRequest): Universe {
  const byName = groupBy(
    request.instruments.filter((row) => row.expiry !== null && row.expiry >= request.date),
    (row) => row.name,
  )
  const indices = request.indices
    .map((name) => indexUniverse(INDEX_CATALOG[name], byName.get(name) ?? [], request))
    .filter((entry) => entry.chains.length > 0)
  if (indices.length === 0) throw new OpError('universe_empty', { indices: request.indices.join(', ') })
  const vixToken = request.spotTokens.get(quoteKey(VIX.exchange, VIX.symbol)) ?? VIX.token
  const always = [vixToken, ...indices.flatMap((entry) => [entry.spotToken, ...entry.futures.map((row) => row.token)])]
  const options = byDistanceFromMiddle(indices.flatMap((entry) => entry.chains))
  const room = (request.maxTokens ?? MAX_TOKENS) - always.length
  return {
    date: request.date,
    indices,
    vixToken,
    tokens: [...always, ...options.slice(0, room)],
    leftOut: Math.max(0, options.length - room),
  }
}

/** Whether two chains list the same contracts, in every respect that is recorded, shown or priced. */
export function sameChain(a: Chain, b: Chain): boolean {
  return chainContent(a) === chainContent(b)
}

/** Whether nothing that is watched differs. */
export function sameUniverse(a: Universe, b: Universe): boolean {
  return universeContent(a) === universeContent(b)
}

function chainContent({ index, expiry, bucket, aliases, lotSize, contracts }: Chain): string {
  return JSON.stringify([index, expiry, bucket, aliases, lotSize, contracts.map(contractContent)])
}

function contractContent(row: Instrument | null) {
  return row === null ? null : [row.token, row.symbol, row.expiry, row.strike, row.type, row.lotSize]
}

function universeContent({ date, vixToken, tokens, indices }: Universe): string {
  const content = indices.map(({ spec, spotToken, futures, buckets, expiries, chains }) => [
    [spec.name, spotToken, futures.map(contractContent), [...buckets], expiries],
    chains.map(chainContent),
  ])
  return JSON.stringify([date, vixToken, tokens, content])
}

function indexUniverse(spec: IndexSpec, rows: readonly Instrument[], request: UniverseRequest): IndexUniverse {
  const own = rows.filter((row) => row.exchange === spec.optionsExchange)
  const options = own.filter((row) => row.type === 'CE' || row.type === 'PE')
  const byExpiry = groupBy(options, (row) => row.expiry ?? '')
  const expiries = [...byExpiry.keys()].sort()
  const buckets = assignBuckets(expiries, request.date)
  const wanted = new Set(request.buckets.flatMap((bucket) => buckets.get(bucket) ?? []))
  const chains = expiries
    .filter((expiry) => wanted.has(expiry))
    .map((expiry) => buildChain(spec.name, expiry, byExpiry.get(expiry) ?? [], buckets, request.buckets))
  return {
    spec,
    spotToken: request.spotTokens.get(quoteKey(spec.spotExchange, spec.spotSymbol)) ?? spec.spotToken,
    futures: own.filter((row) => row.type === 'FUT').sort((a, b) => ((a.expiry ?? '') < (b.expiry ?? '') ? -1 : 1)),
    buckets,
    expiries,
    chains,
  }
}

function buildChain(
  index: IndexName,
  expiry: string,
  rows: readonly Instrument[],
  buckets: ReadonlyMap<Bucket, string>,
  wanted: readonly Bucket[],
): Chain {
  const strikes = [...new Set(rows.map((row) => row.strike))].sort((a, b) => a - b)
  const place = new Map(strikes.map((strike, k) => [strike, k]))
  const contracts: (Instrument | null)[] = new Array<Instrument | null>(strikes.length * 2).fill(null)
  for (const row of rows) contracts[2 * (place.get(row.strike) ?? 0) + (row.type === 'CE' ? 0 : 1)] = row
  const listed = new Map([...buckets].filter(([bucket]) => wanted.includes(bucket)))
  const bucket = recordedBucketOf(expiry, listed)
  if (bucket === null) throw new OpError('internal', { reason: `${index} ${expiry} is in no bucket` })
  return {
    index,
    expiry,
    bucket,
    aliases: [...buckets].filter(([, date]) => date === expiry).map(([alias]) => alias),
    lotSize: rows[0]?.lotSize ?? 0,
    strikes,
    contracts,
  }
}

/** Tokens of the chains' contracts, nearest to the middle strike of its chain first, so that a cut takes far wings. */
function byDistanceFromMiddle(chains: readonly Chain[]): number[] {
  const ranked = chains.flatMap((chain) =>
    chain.contracts.flatMap((contract, slot) =>
      contract === null
        ? []
        : [{ token: contract.token, distance: Math.abs((slot >> 1) - (chain.strikes.length - 1) / 2) }],
    ),
  )
  return ranked.sort((a, b) => a.distance - b.distance).map((entry) => entry.token)
}
