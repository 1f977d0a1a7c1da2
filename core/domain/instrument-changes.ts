import type { Instrument } from './instrument.ts'

/** Options of one underlying and expiry, as two days' dumps list them. */
interface ExpiryChange {
  readonly name: string
  readonly expiry: string
}

/** What the instruments dump of a day says otherwise than the one before; of options and futures of some underlyings. */
export interface InstrumentChanges {
  readonly expiries: {
    readonly added: readonly ExpiryChange[]
    /** Expired ones included. */
    readonly removed: readonly ExpiryChange[]
    /** Contracts that expire on another date than they did: a holiday was declared, or the exchange moved them. */
    readonly moved: readonly { readonly name: string; readonly before: string; readonly after: string }[]
  }
  readonly lots: readonly (ExpiryChange & { readonly before: number; readonly after: number })[]
  /** Of expiries that both list. */
  readonly strikes: readonly (ExpiryChange & {
    readonly added: readonly number[]
    readonly removed: readonly number[]
  })[]
  /** Tokens that name another contract now: history must be read with its own day's dump. */
  readonly reused_tokens: readonly { readonly token: number; readonly before: string; readonly after: string }[]
}

/** What one day's dump has changed. */
export interface DayChanges {
  /** The day that it is compared with; null where there is none. */
  readonly previous: string | null
  /** null for the first day. */
  readonly changes: InstrumentChanges | null
}

/** Compares the dump of `date` with an earlier one of its exchange; `names` are the underlyings as the dump has them. */
export function instrumentChanges(
  before: readonly Instrument[],
  after: readonly Instrument[],
  { date, names }: { readonly date: string; readonly names: ReadonlySet<string> },
): InstrumentChanges {
  const moved = movedExpiries(before, after, { date, names })
  const key = ({ name, expiry }: ExpiryChange) => `${name} ${expiry}`
  const now = byExpiry(after, names)
  // Lots and strikes are compared with what is the same expiry, whatever its date was.
  const movedTo = new Map(moved.map((one) => [key({ name: one.name, expiry: one.before }), one.after]))
  const old = new Map(
    [...byExpiry(before, names).values()].map((one) => {
      const expiry = movedTo.get(key(one)) ?? one.expiry
      return [key({ name: one.name, expiry }), { ...one, expiry }]
    }),
  )
  const missingFrom = (these: typeof old, those: typeof old) =>
    [...these].filter(([one]) => !those.has(one)).map(([, { name, expiry }]) => ({ name, expiry }))
  const both = [...now].flatMap(([one, listed]) => {
    const earlier = old.get(one)
    return earlier === undefined ? [] : [{ listed, earlier }]
  })
  return {
    expiries: { added: missingFrom(now, old), removed: missingFrom(old, now), moved },
    lots: both
      .filter(({ listed, earlier }) => listed.lotSize !== earlier.lotSize)
      .map(({ listed: { name, expiry, lotSize }, earlier }) => ({
        name,
        expiry,
        before: earlier.lotSize,
        after: lotSize,
      })),
    strikes: both
      .map(({ listed: { name, expiry, strikes }, earlier }) => ({
        name,
        expiry,
        added: without(strikes, earlier.strikes),
        removed: without(earlier.strikes, strikes),
      }))
      .filter(({ added, removed }) => added.length + removed.length > 0),
    reused_tokens: reusedTokens(before, after, names),
  }
}

interface Listed extends ExpiryChange {
  readonly lotSize: number
  readonly strikes: Set<number>
}

function isOption({ type }: Instrument): boolean {
  return type === 'CE' || type === 'PE'
}

function byExpiry(instruments: readonly Instrument[], names: ReadonlySet<string>): Map<string, Listed> {
  const found = new Map<string, Listed>()
  for (const instrument of instruments) {
    const { name, expiry, strike, lotSize } = instrument
    if (expiry === null || !names.has(name) || !isOption(instrument)) continue
    const key = `${name} ${expiry}`
    const listed = found.get(key) ?? { name, expiry, lotSize, strikes: new Set<number>() }
    listed.strikes.add(strike)
    found.set(key, listed)
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A contract that had not expired, with the same token, strike and right, has moved; after its expiry a token is free. */
function movedExpiries(
  before: readonly Instrument[],
  after: readonly Instrument[],
  { date, names }: { readonly date: string; readonly names: ReadonlySet<string> },
): InstrumentChanges['expiries']['moved'] {
  const old = new Map(before.map((instrument) => [instrument.token, instrument]))
  const found = new Map<string, InstrumentChanges['expiries']['moved'][number]>()
  for (const instrument of after) {
    const { token, name, type, strike, expiry } = instrument
    const earlier = old.get(token)
    if (expiry === null || earlier === undefined || !names.has(name) || !isOption(instrument)) continue
    const isSame = earlier.name === name && earlier.type === type && earlier.strike === strike
    if (!isSame || earlier.expiry === null || earlier.expiry === expiry || earlier.expiry < date) continue
    found.set(`${name} ${earlier.expiry}`, { name, before: earlier.expiry, after: expiry })
  }
  return [...found.values()]
}

function without(these: ReadonlySet<number>, those: ReadonlySet<number>): number[] {
  return [...these].filter((strike) => !those.has(strike)).sort((a, b) => a - b)
}

function reusedTokens(before: readonly Instrument[], after: readonly Instrument[], names: ReadonlySet<string>) {
  const symbols = new Map(before.map(({ token, symbol }) => [token, symbol]))
  return after.flatMap(({ token, symbol, name }) => {
    const earlier = symbols.get(token)
    return earlier === undefined || earlier === symbol || !names.has(name)
      ? []
      : [{ token, before: earlier, after: symbol }]
  })
}
