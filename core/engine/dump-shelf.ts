import { type Exchange, INDEX_CATALOG, type IndexName } from '../domain/index-catalog.ts'
import type { InstrumentsDump, MarketReference } from '../ports/market-reference.ts'

export interface DumpInUse {
  readonly exchange: Exchange
  readonly contracts: number
  /** Market time. */
  readonly readAt: number
}

/** The last list of instruments of each exchange. */
export interface DumpShelf {
  /** Reads what is not read yet of the dumps that are good until `until`; one that is missing is replaced by the last. */
  read(until: number): Promise<{ readonly dumps: readonly InstrumentsDump[]; readonly fault: unknown }>
  /** What is there is of no use: the next reading asks for it again. */
  spoil(): void
  dumps(): readonly InstrumentsDump[]
  inUse(): readonly DumpInUse[]
}

interface Shelved {
  /** Until when it is the newest to be had, market time. */
  readonly until: number
  readonly readAt: number
  readonly dump: InstrumentsDump
}

export function createDumpShelf(
  reference: Pick<MarketReference, 'instruments'>,
  indices: readonly IndexName[],
  now: () => number,
): DumpShelf {
  const exchanges = new Set(indices.map((index) => INDEX_CATALOG[index].optionsExchange))
  const shelved = new Map<string, Shelved>()
  const dumps = () => [...shelved.values()].map(({ dump }) => dump)
  return {
    dumps,
    async read(until) {
      let fault: unknown = null
      for (const exchange of exchanges) {
        if (shelved.get(exchange)?.until === until) continue
        try {
          const dump = await reference.instruments(exchange)
          shelved.set(exchange, { until, readAt: now(), dump })
        } catch (thrown) {
          fault ??= thrown
        }
      }
      return { dumps: dumps(), fault }
    },
    spoil() {
      for (const [exchange, one] of shelved) shelved.set(exchange, { ...one, until: Number.NEGATIVE_INFINITY })
    },
    inUse: () =>
      [...shelved.values()].map(({ readAt, dump: { exchange, instruments } }) => ({
        exchange,
        contracts: instruments.length,
        readAt,
      })),
  }
}
