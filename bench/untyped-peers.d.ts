/** Packages of npm that bring no types; what the pricing benchmark calls of them. */
type Side = 'call' | 'put'

declare module 'black-scholes' {
  export function blackScholes(s: number, k: number, t: number, v: number, r: number, side: Side): number
}

declare module 'greeks' {
  export function getDelta(s: number, k: number, t: number, v: number, r: number, side: Side): number
  export function getGamma(s: number, k: number, t: number, v: number, r: number): number
  export function getTheta(s: number, k: number, t: number, v: number, r: number, side: Side): number
  export function getVega(s: number, k: number, t: number, v: number, r: number): number
  export function getRho(s: number, k: number, t: number, v: number, r: number, side: Side): number
}

declare module 'implied-volatility' {
  export function getImpliedVolatility(
    price: number,
    s: number,
    k: number,
    t: number,
    r: number,
    side: Side,
    estimate?: number,
  ): number
}

declare module 'option-pricing' {
  export class Option {
    constructor(terms: {
      style: 'european'
      type: Side
      initialSpotPrice: number
      strikePrice: number
      timeToMaturity: number
      volatility: number
      riskFreeRate: number
    })
    price(method: 'black-scholes'): number
  }
}
