import { BlackScholes } from '@uqee/black-scholes'
import { blackScholes } from 'black-scholes'
import { getDelta, getGamma, getRho, getTheta, getVega } from 'greeks'
import { getImpliedVolatility } from 'implied-volatility'
import { Option } from 'option-pricing'
import type { QuotedOption } from './pricing-market.ts'

/** A way to the volatility of an option, and one to its Greeks, as a package of npm offers them. */
export interface Peer {
  readonly name: string
  readonly volatility: (option: QuotedOption) => number
  /** A number that depends on all it computed, so that none of it is left out. */
  readonly greeks: (option: QuotedOption, sigma: number) => number
}

const fast = new BlackScholes()
const fine = new BlackScholes({
  priceToSigmaAccuracy: 1e-9,
  sigmaToPricePrecision: 'double',
})
const newton = new BlackScholes({
  priceToSigmaAccuracy: 1e-6,
  priceToSigmaMethod: 'newton-raphson',
  sigmaToPricePrecision: 'double',
})

function uqee(name: string, model: BlackScholes): Peer {
  return {
    name: `@uqee/black-scholes ${name}`,
    volatility({ price, rate, strike, years: time, side: type, spot: underlying }) {
      return model.sigma({ price, rate, strike, time, type, underlying })
    },
    greeks({ rate, strike, years: time, side: type, spot: underlying }, sigma) {
      const { delta, gamma, theta, vega, rho } = model.option({ rate, sigma, strike, time, type, underlying })
      return delta + gamma + theta + vega + rho
    },
  }
}

export const UQEE_FINE = uqee('sigma(1e-9)', fine)
export const UQEE_DEFAULT = uqee('sigma()', fast)
const UQEE_NEWTON = uqee('newton(1e-6)', newton)

export const LOPPATTO: Peer = {
  name: 'implied-volatility',
  volatility: ({ price, spot, strike, years, rate, side }) =>
    getImpliedVolatility(price, spot, strike, years, rate, side),
  greeks({ spot, strike, years, rate, side }, sigma) {
    return (
      getDelta(spot, strike, years, sigma, rate, side) +
      getGamma(spot, strike, years, sigma, rate) +
      getTheta(spot, strike, years, sigma, rate, side) +
      getVega(spot, strike, years, sigma, rate) +
      getRho(spot, strike, years, sigma, rate, side)
    )
  },
}

export const SOLVERS: readonly Peer[] = [UQEE_FINE, UQEE_DEFAULT, UQEE_NEWTON, LOPPATTO]

/** Packages that only price: what they take for a price at a known volatility. */
export const PRICERS = [
  {
    name: 'black-scholes',
    price: ({ spot, strike, years, sigma, rate, side }: QuotedOption) =>
      blackScholes(spot, strike, years, sigma, rate, side),
  },
  {
    name: 'option-pricing',
    price: ({ spot, strike, years, sigma, rate, side }: QuotedOption) =>
      new Option({
        style: 'european',
        type: side,
        initialSpotPrice: spot,
        strikePrice: strike,
        timeToMaturity: years,
        volatility: sigma,
        riskFreeRate: rate,
      }).price('black-scholes'),
  },
] as const

export interface Failures {
  /** Not a number, infinite, zero or negative. */
  readonly none: number
  /** Off by more than 1 % of the true volatility. */
  readonly wrong: number
  /** Greatest relative error of what is a volatility. */
  readonly worst: number
}

export function failuresOf({ volatility }: Peer, options: readonly QuotedOption[]): Failures {
  const found = options.map((option) => ({ sigma: volatility(option), truth: option.sigma }))
  const usable = found.filter(({ sigma }) => Number.isFinite(sigma) && sigma > 0)
  const errors = usable.map(({ sigma, truth }) => Math.abs(sigma / truth - 1))
  return {
    none: found.length - usable.length,
    wrong: errors.filter((error) => error > 0.01).length,
    worst: Math.max(...errors),
  }
}
