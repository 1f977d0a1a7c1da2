import type { Instrument } from './instrument.ts'

/** Options of one underlying and expiry, as two days' dumps list them. */
interface ExpiryChange {
  readonly name: string
  readonly expiry: string
}

/** What the instruments dump of a day says otherwise than the one before; of options and futures of some underlyings. */
export interface InstrumentChanges {
  readonly expiries: { readonly added: readonly ExpiryChange[]; readonly removed: readonly ExpiryChange[] }
  readonly lots: readonly (ExpiryChange & { readonly before: number; readonly after: number })[]
  /** Of expiries that both list. */
  readonly strikes: readonly (ExpiryChange & {
    readonly added: readonly number[]
    readonly removed: readonly number[]
  })[]
  /** Tokens that name another contract now: history must be read with its own day's dump. */
  readonly reused_tokens: readonly { readonly token: number; readonly before: string; readonly after: string }[]
}

/** Compares two dumps of one exchange; `names` are the underlyings as the dump has them. */
export function instrumentChanges(
  before: readonly Instrument[],
  after: readonly Instrument[],
  names: ReadonlySet<string>,
): InstrumentChanges {
  const old = byExpiry(before, names)
  const now = byExpiry(after, names)
  const missingFrom = (these: typeof old, those: typeof old) =>
    [...these].filter(([key]) => !those.has(key)).map(([, { name, expiry }]) => ({ name, expiry }))
  const both = [...now].flatMap(([key, listed]) => {
    const earlier = old.get(key)
    return earlier === undefined ? [] : [{ listed, earlier }]
  })
  return {
    expiries: { added: missingFrom(now, old), removed: missingFrom(old, now) },
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

function byExpiry(instruments: readonly Instrument[], names: ReadonlySet<string>): Map<string, Listed> {
  const found = new Map<string, Listed>()
  for (const { name, expiry, type, strike, lotSize } of instruments) {
    if (expiry === null || !names.has(name) || (type !== 'CE' && type !== 'PE')) continue
    const key = `${name} ${expiry}`
    const listed = found.get(key) ?? { name, expiry, lotSize, strikes: new Set<number>() }
    listed.strikes.add(strike)
    found.set(key, listed)
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
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
