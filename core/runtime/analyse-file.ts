import { calendarFor } from '../config/load.ts'
import { type ChainSnapshot, type Convention, expiriesOf, inUnits } from '../domain/chain-snapshot.ts'
import { istDate } from '../domain/ist.ts'
import { readChainFile } from '../files/chain-file.ts'
import { OpError } from '../kernel/errors.ts'
import { analyseChain, type ChainAnalysis } from '../pricing/analyse-chain.ts'
import { sinceSnapshot } from '../pricing/since-snapshot.ts'

export interface AnalyseFileOptions {
  readonly path: string
  readonly convention: Convention
  /** `YYYY-MM-DD`; null = the nearest that has not expired. */
  readonly expiry: string | null
  /** Epoch milliseconds; null = what the file says. */
  readonly at: number | null
  /** Changes of open interest and price count from this instant of our CSV; null = from the previous close. */
  readonly since: number | null
  /** Units in a lot: volume and open interest of an exchange's file are then in units. Null = as the file has them. */
  readonly lotSize: number | null
  readonly rate: number
  /** Where a calendar of the user's own may lie. */
  readonly dataDir: string
}

/** The analytics of an option chain in a file. OpError: `file_unreadable`, `chain_unreadable`; `usage` for an expiry that it does not hold. */
export async function analyseFile(options: AnalyseFileOptions): Promise<ChainAnalysis> {
  const { path, at, convention, rate, lotSize } = options
  const now = await readChainFile(path, { at, expiry: options.expiry })
  const read = options.since === null ? now : sinceSnapshot(now, await earlierOf(options, options.since))
  const snapshot = lotSize === null ? read : inUnits(read, lotSize)
  const expiry = chooseExpiry(snapshot, options.expiry)
  const settlementAt = calendarFor(options.dataDir).settlementFixAt(expiry)
  return analyseChain(snapshot, { convention, expiry, rate, settlementAt })
}

async function earlierOf({ path, expiry }: AnalyseFileOptions, since: number): Promise<ChainSnapshot> {
  const before = await readChainFile(path, { at: since, expiry })
  if (before.scope === 'window') return before
  throw new OpError('usage', { reason: 'only our own CSV holds earlier instants: --since does not go with this file' })
}

function chooseExpiry(snapshot: ChainSnapshot, wanted: string | null): string {
  const expiries = expiriesOf(snapshot)
  const today = istDate(snapshot.asOf)
  const chosen = wanted ?? expiries.find((expiry) => expiry >= today) ?? expiries.at(-1)
  if (chosen !== undefined && expiries.includes(chosen)) return chosen
  throw new OpError('usage', { reason: `the file has no expiry ${wanted}; it has ${expiries.join(', ')}` })
}
