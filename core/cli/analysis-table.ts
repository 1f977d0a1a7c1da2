import type { analyseFile } from '../runtime/analyse-file.ts'

type Analysis = Awaited<ReturnType<typeof analyseFile>>
type Leg = Analysis['legs'][number]

const DASH = '–'
const CONVENTION_NAMES = {
  market: 'market: Black-76 on the forward, time to the settlement',
  nse: 'NSE: Black-Scholes on the index, whole days, last price',
  bse: 'BSE: Black-Scholes on the index, whole days, last price',
} as const
const USED_MARKS = { mid: 'm', last: 'l', twin: 't' } as const

function decimal(value: number | null, digits: number): string {
  if (value === null) return DASH
  return value.toLocaleString('en-IN', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

const rupees = (value: number | null) => decimal(value, 2)
const percent = (value: number | null) => (value === null ? DASH : `${(100 * value).toFixed(2)} %`)
const points = (value: number | null) => (value === null ? DASH : (100 * value).toFixed(2))
const interest = (value: number | null) => decimal(value === null ? null : Math.round(value), 0)
const strikeText = (strike: number | null) => (strike === null ? DASH : strike.toLocaleString('en-IN'))

/** ₹1,23,45,67,890 as 123.46 crore. */
const crore = (value: number | null) => (value === null ? DASH : `₹${decimal(value / 1e7, 2)} crore`)

function forwardText({ value, method, pairs, residual }: Analysis['forward']): string {
  if (value === null) return DASH
  const how =
    method === 'parity' ? `parity of ${pairs} strikes, ± ${rupees(residual)}` : (method ?? '').replace('_', ' + ')
  return `${rupees(value)} (${how})`
}

function headLines(analysis: Analysis): string[] {
  const { totals, atm, smile } = analysis
  const lines: [name: string, value: string][] = [
    ['strikes', analysis.scope === 'full' ? 'all that are listed' : 'those that were recorded around the money'],
    ['convention', `${CONVENTION_NAMES[analysis.convention]}, r = ${percent(analysis.rate)}`],
    ['spot', rupees(analysis.spot)],
    ['forward', forwardText(analysis.forward)],
    ['ATM', `${strikeText(atm.strike)}   IV ${percent(atm.iv)}   straddle ${rupees(atm.straddle)}`],
    ['expected move', `± ${rupees(analysis.expected_move)}`],
    ['25 delta', `skew ${points(analysis.skew_25d)}   risk reversal ${points(analysis.risk_reversal_25d)}`],
    ['PCR', `OI ${decimal(analysis.pcr_oi, 3)}   volume ${decimal(analysis.pcr_volume, 3)}`],
    ['max pain', strikeText(analysis.max_pain)],
    [`OI (${analysis.oi_unit})`, `calls ${interest(totals.ce_oi)}   puts ${interest(totals.pe_oi)}`],
    [`volume (${analysis.oi_unit})`, `calls ${interest(totals.ce_volume)}   puts ${interest(totals.pe_volume)}`],
    ['GEX, DEX', `${crore(analysis.gex)} per 1 %   ${crore(analysis.dex)}${perLot(analysis)}`],
    ['smile', smile === null ? DASH : `${smile.points} strikes, residual ${points(smile.residual)} points`],
  ]
  return lines.map(([name, value]) => `  ${name.padEnd(15)} ${value}`)
}

function perLot({ oi_unit }: Analysis): string {
  return oi_unit === 'lots' ? '   (× lot size)' : ''
}

const WIDTHS = [12, 10, 12, 9, 9]
const HEADINGS = ['OI', 'OI change', 'price', 'IV', 'in file']

/** Price with how it was found, IV or why there is none. */
function cells(leg: Leg | null): string[] {
  if (leg === null) return WIDTHS.map(() => '')
  const mark = leg.price_used === null ? ' ' : USED_MARKS[leg.price_used]
  const iv = leg.iv === null ? leg.iv_status.replace('_', ' ').slice(0, 9) : points(leg.iv)
  return [interest(leg.oi), interest(leg.oi_change), `${rupees(leg.price)} ${mark}`, iv, points(leg.published_iv)]
}

function tableLines(legs: readonly Leg[]): string[] {
  const strikes = [...new Set(legs.map(({ strike }) => strike))]
  const side = (strike: number, right: Leg['right']) =>
    legs.find((leg) => leg.strike === strike && leg.right === right) ?? null
  const line = (call: readonly string[], middle: string, put: readonly string[]) => {
    const padded = (texts: readonly string[]) => texts.map((text, i) => text.padStart(WIDTHS[i] ?? 0))
    return `${padded(call).join(' ')} │${middle.padStart(9)} │ ${padded(put).toReversed().join(' ')}`
  }
  return [
    line(HEADINGS, 'strike', HEADINGS),
    ...strikes.map((strike) => line(cells(side(strike, 'CE')), strikeText(strike), cells(side(strike, 'PE')))),
  ]
}

/** The analysis for people: metrics, then calls left, puts right. */
export function analysisLines(analysis: Analysis): string[] {
  const { index, expiry, as_of, legs } = analysis
  return [
    `${index}  expiry ${expiry}  as of ${as_of.slice(0, 10)} ${as_of.slice(11, 19)} IST`,
    ...headLines(analysis),
    '',
    ...tableLines(legs),
    '',
    'IV in % a year. Price: m mid of bid and ask, l last trade, t from the out-of-the-money twin by parity.',
    ...(analysis.convention === 'market'
      ? ['The exchange computes its IV otherwise (docs/pricing.md); --convention nse or bse shows theirs.']
      : []),
  ]
}
