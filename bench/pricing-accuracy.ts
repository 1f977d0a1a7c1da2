import type { Right } from '../core/domain/instrument.ts'
import { IV_STATUSES } from '../core/domain/leg.ts'
import { black76 } from '../core/pricing/black76.ts'
import { black76Greeks } from '../core/pricing/black76-greeks.ts'
import { createChainOutput, priceLegs } from '../core/pricing/price-legs.ts'
import {
  attainableUnit,
  expectedGreek,
  FORWARD,
  field,
  GREEKS,
  legOf,
  numberAt,
  RATE,
  RIGHTS,
  type Row,
  readGrid,
  readMarket,
  scales,
} from '../core/testing/pricing-oracle.ts'

const OK = IV_STATUSES.indexOf('ok')

/** The greatest of each kind of error that was met. */
type Worst = Map<string, number>

function meet(worst: Worst, kind: string, error: number): void {
  worst.set(kind, Math.max(worst.get(kind) ?? 0, error))
}

/** How far the product is from 60 digits, as a table in Markdown: the errors that core/pricing/oracle.test.ts bounds. */
export function accuracyTable(): string {
  const worst: Worst = new Map()
  const grid = readGrid()
  for (const row of grid) {
    for (const right of RIGHTS) meetRow(worst, row, right)
  }
  const classified = meetMarket(worst)
  const figure = (kind: string) => (worst.get(kind) ?? Number.NaN).toExponential(1)
  const units = (kind: string) => (worst.get(kind) ?? Number.NaN).toFixed(2)
  return `How far the product is from 60 digits (core/pricing/oracle), at worst. The grid: ${2 * grid.length} options of 10
seconds to 5 years, 1 % to 300 %, ten standard deviations each way. The market: 65,536 options with prices rounded to
the tick, an eighth of them solved in 60 digits. An attainable unit is what one rounding of the price, and four of the
computation, do to the volatility.

| | grid | market |
|---|---|---|
| price, relative | ${figure('price')} | |
| IV, attainable units | ${units('grid units')} | ${units('market units')} |
| IV out of the money, relative, where a unit is below 1e-13 | ${figure('grid outside')} | ${figure('market outside')} |
| options with a wrong status | | ${classified.wrong} of ${classified.all.toLocaleString('en')} |
${GREEKS.map((name) => `| ${name}, of its own scale | ${figure(name)} | |`).join('\n')}`
}

function meetRow(worst: Worst, row: Row, right: Right): void {
  const [strike, years, sigma] = [field(row, 'strike'), field(row, 'years'), field(row, 'sigma')]
  const expected = field(row, right === 'CE' ? 'call' : 'put')
  meet(worst, 'price', Math.abs(black76(right, FORWARD, strike, years, sigma, Math.exp(-RATE * years)) / expected - 1))
  const set = black76Greeks(right, FORWARD, strike, years, sigma, RATE)
  const scale = scales(row)
  for (const name of GREEKS) meet(worst, name, Math.abs(set[name] - expectedGreek(row, name, right)) / scale[name])
  const output = createChainOutput(1)
  priceLegs(legOf(row, right), output)
  if (output.status[0] !== OK) return
  const unit = attainableUnit(expected, field(row, 'vega'), sigma)
  const isOutside = (right === 'CE') === strike >= FORWARD
  meetVolatility(worst, 'grid', numberAt(output.iv, 0) / sigma - 1, unit, isOutside)
}

function meetVolatility(worst: Worst, set: string, error: number, unit: number, isOutside: boolean): void {
  meet(worst, `${set} units`, Math.abs(error) / unit)
  if (isOutside && unit < 1e-13) meet(worst, `${set} outside`, Math.abs(error))
}

function meetMarket(worst: Worst): { readonly wrong: number; readonly all: number } {
  const output = createChainOutput(128)
  let wrong = 0
  let all = 0
  for (const { input, status, sigma } of readMarket()) {
    priceLegs(input, output)
    all += status.length
    wrong += status.filter((code, i) => code !== output.status[i]).length
    for (const [i, expected] of sigma) {
      if (status[i] !== OK) continue
      const unit = attainableUnit(numberAt(input.price, i), numberAt(output.vega, i), expected)
      const isOutside = (input.isCall[i] === 1) === numberAt(input.strike, i) >= input.forward
      meetVolatility(worst, 'market', numberAt(output.iv, i) / expected - 1, unit, isOutside)
    }
  }
  return { wrong, all }
}
