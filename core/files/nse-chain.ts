import { z } from 'zod'
import type { ChainSnapshot, SnapshotLeg } from '../domain/chain-snapshot.ts'
import { INDEX_CATALOG, INDEX_NAMES } from '../domain/index-catalog.ts'
import type { Right } from '../domain/instrument.ts'
import { exchangeDate, exchangeInstant, figure } from './exchange-text.ts'

/** What a chain file says, before it is known whether that is enough. */
export type ReadChain = Omit<ChainSnapshot, 'asOf' | 'index'> & {
  readonly index: string | null
  readonly asOf: number | null
}

type Fields = Readonly<Record<string, unknown>>

const fields = z.record(z.string(), z.unknown())
/** A row that is none is passed over: one fault must not cost the chain. */
const rows = z.array(z.unknown()).transform((found) =>
  found.flatMap((row) => {
    const parsed = fields.safeParse(row)
    return parsed.success ? [parsed.data] : []
  }),
)
const container = z.object({ data: rows }).loose()
type Container = z.infer<typeof container>

const RIGHTS: readonly Right[] = ['CE', 'PE']

/**
 * An option chain of nseindia.com as JSON; null when it is none. Both forms: the older one (`records`, `filtered`, all
 * expiries, `bidprice`/`askPrice`) and v3 (`expiryDates` in the row, `buyPrice1`/`sellPrice1`), each also without what
 * surrounds its `data`. Volume and open interest are in lots. A price of 0 means none.
 */
export function readNseChain(content: unknown): ReadChain | null {
  const outer = fields.safeParse(content)
  if (!outer.success) return null
  const found = findContainer(outer.data)
  if (found === null) return null
  const listed = z.array(z.unknown()).catch([]).parse(found.expiryDates)
  const only = listed.length === 1 ? exchangeDate(listed[0]) : null
  const raw = found.data.flatMap((row) => rawLegs(row, only))
  const spot = positive(found.underlyingValue, outer.data.underlyingValue, ...raw.map(({ leg }) => leg.underlyingValue))
  return {
    index: indexOf(found, raw),
    asOf: exchangeInstant(found.timestamp) ?? exchangeInstant(outer.data.timestamp),
    spot,
    scope: 'full',
    oiUnit: 'lots',
    legs: raw.flatMap(toLeg),
  }
}

/** The object whose `data` are rows of a chain: the content itself, or one that it wraps. */
function findContainer(content: Fields): Container | null {
  const inner = fields.catch({}).parse(content.data)
  for (const candidate of [content.records, content, inner.records, inner, content.filtered]) {
    const parsed = container.safeParse(candidate)
    if (parsed.success && parsed.data.data.some(isChainRow)) return parsed.data
  }
  return null
}

function isChainRow(row: Fields): boolean {
  return 'CE' in row || 'PE' in row || ('optionType' in row && 'strikePrice' in row)
}

interface RawLeg {
  readonly leg: Fields
  readonly right: Right
  readonly strike: number | null
  readonly expiry: string | null
}

function rawLegs(row: Fields, only: string | null): RawLeg[] {
  return RIGHTS.flatMap((right): RawLeg[] => {
    const parsed = fields.safeParse(row[right] ?? (rightOf(row.optionType) === right ? row : null))
    if (!parsed.success) return []
    const leg = parsed.data
    const expiry = exchangeDate(leg.expiryDate) ?? exchangeDate(row.expiryDate) ?? exchangeDate(row.expiryDates) ?? only
    return [{ leg, right, strike: positive(leg.strikePrice, row.strikePrice), expiry }]
  })
}

function rightOf(text: unknown): Right | null {
  if (typeof text !== 'string') return null
  if (/^(ce|call)$/i.test(text)) return 'CE'
  return /^(pe|put)$/i.test(text) ? 'PE' : null
}

function toLeg({ leg, right, strike, expiry }: RawLeg): SnapshotLeg[] {
  if (strike === null || expiry === null) return []
  const iv = positive(leg.impliedVolatility)
  return [
    {
      expiry,
      strike,
      right,
      last: positive(leg.lastPrice, leg.ltp),
      bid: positive(leg.bidprice, leg.bidPrice, leg.buyPrice1),
      ask: positive(leg.askPrice, leg.askprice, leg.sellPrice1),
      volume: figure(leg.totalTradedVolume),
      oi: figure(leg.openInterest),
      oiChange: figure(leg.changeinOpenInterest),
      priceChange: figure(leg.change),
      publishedIv: iv === null ? null : iv / 100,
      quotedAt: null,
    },
  ]
}

/** The first value that is a number above 0. */
function positive(...values: readonly unknown[]): number | null {
  for (const value of values) {
    const number = figure(value)
    if (number !== null && number > 0) return number
  }
  return null
}

function indexOf(found: Container, raw: readonly RawLeg[]): string | null {
  const named = raw.map(({ leg }) => leg.underlying).find((name) => typeof name === 'string' && name !== '')
  const symbol = fields.catch({}).parse(found.index).indexSymbol
  const name = typeof named === 'string' ? named : typeof symbol === 'string' ? symbol : null
  if (name === null) return null
  return INDEX_NAMES.find((index) => INDEX_CATALOG[index].spotSymbol === name.toUpperCase()) ?? name.toUpperCase()
}
