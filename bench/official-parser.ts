import { KiteTicker } from 'kiteconnect'

interface OfficialLevel {
  readonly quantity: number
  readonly price: number
}

/** What the parser of `kiteconnect` makes of a packet in mode "full"; an index has neither depth nor quantities. */
export interface OfficialTick {
  readonly instrument_token: number
  readonly last_price: number
  readonly volume_traded: number
  readonly oi: number
  readonly oi_day_high: number
  readonly oi_day_low: number
  readonly ohlc: { readonly open: number; readonly high: number; readonly low: number; readonly close: number }
  readonly exchange_timestamp: Date | null
  readonly depth?: { readonly buy: readonly OfficialLevel[]; readonly sell: readonly OfficialLevel[] }
}

/** The official client's parser: a method of its ticker that its types do not tell of. */
export function createOfficialParser(): (frame: ArrayBuffer) => readonly OfficialTick[] {
  const ticker = new KiteTicker({ api_key: 'bench', access_token: 'bench' })
  const parse: unknown = Reflect.get(ticker, 'parseBinary')
  if (typeof parse !== 'function') throw new Error('this version of kiteconnect has no parseBinary')
  return (frame) => Reflect.apply(parse, ticker, [frame])
}
