import type { Right } from '../domain/instrument.ts'
import { OpError } from '../kernel/errors.ts'
import { fieldReader, readRows, readText } from './recorded-file.ts'

/** A contract of the recording, with its identity at Kite. */
export interface RecordedContract {
  readonly token: number
  readonly symbol: string
  readonly expiry: string
  readonly strike: number
  readonly right: Right
  readonly lotSize: number
}

/** One recorded minute: rows `from` up to `until` of the columns. */
interface RecordedMinute {
  readonly instant: number
  /** Index points. */
  readonly spot: number
  readonly from: number
  readonly until: number
}

/** A chain recorded minute by minute, as columns. */
export interface RecordedChain {
  readonly contracts: readonly RecordedContract[]
  readonly minutes: readonly RecordedMinute[]
  /** Place among the contracts, by row. */
  readonly contract: Uint16Array
  /** Rupees x 100. */
  readonly lastPrice: Int32Array
  /** Units: reach 2.4e9 on a day of expiry. */
  readonly volume: Float64Array
  readonly oi: Float64Array
  /** Rows of contracts that the map does not have (listed intraday, after Kite's dump): they have no token to play. */
  readonly leftOut: LeftOut
}

export interface LeftOut {
  readonly rows: number
  /** `2026-09-08 22600 PE`. */
  readonly contracts: readonly string[]
}

const CHAIN_COLUMNS = ['ts', 'expiry', 'strike', 'type', 'spot', 'ltp', 'volume_lots', 'oi_lots', 'oi_chg_lots', 'iv']
const MAP_COLUMNS = ['expiry', 'strike', 'type', 'instrument_token', 'tradingsymbol', 'lot_size']

async function readContracts(path: string): Promise<RecordedContract[]> {
  const field = fieldReader(path)
  return readRows(path, await readText(path), MAP_COLUMNS).map((row, place) => ({
    expiry: field.text(place + 2, 'expiry', row[0]),
    strike: field.number(place + 2, 'strike', row[1]),
    right: field.right(place + 2, 'type', row[2]),
    token: field.count(place + 2, 'instrument_token', row[3]),
    symbol: field.text(place + 2, 'tradingsymbol', row[4]),
    lotSize: field.count(place + 2, 'lot_size', row[5]),
  }))
}

function keyOf(contract: Pick<RecordedContract, 'expiry' | 'strike' | 'right'>): string {
  return `${contract.expiry} ${contract.strike} ${contract.right}`
}

/** Reads a recorded chain and the map from its contracts to Kite's tokens. Throws `file_unreadable`. */
export async function readRecordedChain(csvPath: string, tokenMapPath: string): Promise<RecordedChain> {
  const rows = readRows(csvPath, await readText(csvPath), CHAIN_COLUMNS)
  const contracts = await readContracts(tokenMapPath)
  const places = new Map(contracts.map((contract, place) => [keyOf(contract), place]))
  const field = fieldReader(csvPath)

  const contract = new Uint16Array(rows.length)
  const lastPrice = new Int32Array(rows.length)
  const volume = new Float64Array(rows.length)
  const oi = new Float64Array(rows.length)
  const minutes: RecordedMinute[] = []
  const unknown = new Set<string>()
  let kept = 0
  rows.forEach((row, at) => {
    const line = at + 2
    const [ts, expiry, strike, type, spot, ltp, volumeLots, oiLots] = row
    const key = keyOf({
      expiry: field.text(line, 'expiry', expiry),
      strike: field.number(line, 'strike', strike),
      right: field.right(line, 'type', type),
    })
    const place = places.get(key)
    const lotSize = place === undefined ? undefined : contracts[place]?.lotSize
    if (place === undefined || lotSize === undefined) {
      unknown.add(key)
      return
    }
    contract[kept] = place
    lastPrice[kept] = Math.round(100 * field.number(line, 'ltp', ltp))
    volume[kept] = lotSize * field.count(line, 'volume_lots', volumeLots)
    oi[kept] = lotSize * field.count(line, 'oi_lots', oiLots)

    const instant = field.instant(line, 'ts', ts)
    const minute = minutes.at(-1)
    if (minute !== undefined && instant < minute.instant) {
      throw new OpError('file_unreadable', { path: csvPath, reason: `line ${line}: ts goes backwards` })
    }
    if (minute?.instant === instant) minutes[minutes.length - 1] = { ...minute, until: kept + 1 }
    else minutes.push({ instant, spot: field.number(line, 'spot', spot), from: kept, until: kept + 1 })
    kept += 1
  })
  if (kept === 0) {
    throw new OpError('file_unreadable', { path: csvPath, reason: `none of its contracts is in ${tokenMapPath}` })
  }
  const leftOut = { rows: rows.length - kept, contracts: [...unknown] }
  return { contracts, minutes, contract, lastPrice, volume, oi, leftOut }
}
