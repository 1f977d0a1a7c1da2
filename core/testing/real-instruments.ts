import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Instrument } from '../domain/instrument.ts'
import { parseInstruments } from '../kite/instruments-csv.ts'

/** Kite's dumps of 18 August 2026, an expiry day; a checkout alone does not have them. */
const DUMPS = new URL('../../../shared/data/kite-instruments-2026-08-18/', import.meta.url)
export const REAL_DATE = '2026-08-18'
export const hasRealInstruments = existsSync(DUMPS)

/** All contracts of NFO and BFO of that day. */
export async function readRealInstruments(): Promise<readonly Instrument[]> {
  const read = async (exchange: 'NFO' | 'BFO') => {
    const text = gunzipSync(readFileSync(new URL(`${exchange}.csv.gz`, DUMPS))).toString('utf8')
    return (await parseInstruments(text, exchange))?.instruments ?? []
  }
  return [...(await read('NFO')), ...(await read('BFO'))]
}
