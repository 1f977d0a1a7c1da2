/** The indices whose options are traded here, in the order in which they are shown. */
export const INDEX_NAMES = ['NIFTY', 'BANKNIFTY', 'FINNIFTY', 'MIDCPNIFTY', 'SENSEX'] as const
export type IndexName = (typeof INDEX_NAMES)[number]

export type CashExchange = 'NSE' | 'BSE'
export type OptionsExchange = 'NFO' | 'BFO'
export type Exchange = CashExchange | OptionsExchange

export interface IndexSpec {
  /** Also the `name` column of the instruments dump. */
  readonly name: IndexName
  readonly spotExchange: CashExchange
  readonly spotSymbol: string
  /** Kite's token of the spot: a fallback for the day when the quote call fails. */
  readonly spotToken: number
  readonly optionsExchange: OptionsExchange
}

/** Source: Kite's instruments dump; FIELD.md section 5. */
export const INDEX_CATALOG: Readonly<Record<IndexName, IndexSpec>> = {
  NIFTY: { name: 'NIFTY', spotExchange: 'NSE', spotSymbol: 'NIFTY 50', spotToken: 256265, optionsExchange: 'NFO' },
  BANKNIFTY: {
    name: 'BANKNIFTY',
    spotExchange: 'NSE',
    spotSymbol: 'NIFTY BANK',
    spotToken: 260105,
    optionsExchange: 'NFO',
  },
  FINNIFTY: {
    name: 'FINNIFTY',
    spotExchange: 'NSE',
    spotSymbol: 'NIFTY FIN SERVICE',
    spotToken: 257801,
    optionsExchange: 'NFO',
  },
  MIDCPNIFTY: {
    name: 'MIDCPNIFTY',
    spotExchange: 'NSE',
    spotSymbol: 'NIFTY MID SELECT',
    spotToken: 288009,
    optionsExchange: 'NFO',
  },
  SENSEX: { name: 'SENSEX', spotExchange: 'BSE', spotSymbol: 'SENSEX', spotToken: 265, optionsExchange: 'BFO' },
}

/** India VIX, subscribed beside the spots. */
export const VIX = { exchange: 'NSE', symbol: 'INDIA VIX', token: 264969 } as const

export function isIndexName(text: string): text is IndexName {
  return (INDEX_NAMES as readonly string[]).includes(text)
}
