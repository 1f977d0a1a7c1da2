import { millsSlope } from './normal.ts'
import { logVega, priceOverVega, shortfallOverVega } from './normalised-black.ts'

/**
 * The inverse of the normalised Black function in s = σ√T. After P. Jäckel, "Let's Be Rational" (Wilmott 2015(75)
 * 40-53): Householder steps of fourth order on the logarithm of the price, or of its shortfall to the maximum where
 * that is smaller. Two things are ours: the seed (the Bachelier inverse from a table), and a bracket that each
 * evaluation tightens, so that a step that leaves it is replaced by a bisection and convergence never hangs on luck.
 */

const SQRT_TWO_PI = 2.506628274631
/** A fourth-order step that moved s by less than this leaves an error far under the last digit. */
const LAST_STEP = 1e-6
const MOST_STEPS = 200

/** Keeps the seed finite where the quotient underflows; the bracket does the rest. */
const SMALLEST_TAIL = 1e-307

const SEED_STEP = 0.05
const SEED_NODES = 560
/** Newton doubles the digits: a last move of this size leaves the node exact beyond what interpolation keeps. */
const SEED_ACCURACY = 1e-4
const SEEDS = bachelierSeeds()

/** γ = ln(1 + |x|/(2b)) runs from 0 at the money to 745 at the smallest double; u² + u = γ spaces the nodes. */
function seedPosition(gamma: number): number {
  return Math.sqrt(gamma + 0.25) - 0.5
}

/**
 * s/(|x| + 2b) in Bachelier's model at each node of the table. There b/|x| = n(z)(1 - zM(z))/z with z = |x|/s, and
 * d ln(b)/d ln(z) = -1/(1 - zM(z)), which gives Newton's step in ln z.
 */
function bachelierSeeds(): Float64Array {
  const seeds = new Float64Array(SEED_NODES)
  seeds[0] = SQRT_TWO_PI / 2
  let z = 0
  for (let node = 1; node < SEED_NODES; node++) {
    const u = node * SEED_STEP
    const gamma = u * u + u
    const logRatio = -Math.LN2 - gamma - Math.log(-Math.expm1(-gamma))
    const ratio = Math.exp(logRatio)
    if (node === 1) z = 1 / (SQRT_TWO_PI * (ratio + 0.5))
    let move = 1
    for (let step = 0; step < 8 && Math.abs(move) > SEED_ACCURACY; step++) {
      const slope = millsSlope(z)
      move = (logVega(z, 0) + Math.log(slope / z) - logRatio) * slope
      z *= Math.exp(move)
    }
    seeds[node] = 1 / (z * (1 + 2 * ratio))
  }
  return seeds
}

/** First guess from the Bachelier price: good to 0.1 % while s is small, as it is for index options. */
function lowerSeed(distance: number, target: number): number {
  const place = seedPosition(Math.log(1 + distance / (2 * target))) / SEED_STEP
  const node = Math.min(Math.trunc(place), SEED_NODES - 2)
  const left = SEEDS[node] ?? 0
  const right = SEEDS[node + 1] ?? 0
  return (distance + 2 * target) * (left + (right - left) * Math.min(place - node, 1))
}

/** -N⁻¹(p) for 0 < p <= 0.5 to 4.5e-4 (Abramowitz and Stegun 26.2.23). */
function roughUpperQuantile(p: number): number {
  const t = Math.sqrt(-2 * Math.log(p))
  const numerator = (0.010328 * t + 0.802853) * t + 2.515517
  const denominator = ((0.001308 * t + 0.189269) * t + 1.432788) * t + 1
  return t - numerator / denominator
}

/** First guess for prices near the maximum, where h vanishes and the shortfall is (e^(x/2) + e^(-x/2)) N(-s/2). */
function upperSeed(x: number, shortfall: number): number {
  const tail = shortfall / (Math.exp(0.5 * x) + Math.exp(-0.5 * x))
  return Math.max(2 * roughUpperQuantile(Math.max(tail, SMALLEST_TAIL)), 0.1)
}

/**
 * Relative Householder step ds/s of order four on ln f, where f is the price or the shortfall. `excess` is ln f(s) -
 * ln f(target), `elasticity` is d ln s/d ln f (b/(s b') for the price, -f/(s b') for the shortfall), and the squares
 * are those of h and t as in normalised-black.ts.
 */
export function householderStep(excess: number, elasticity: number, hSquared: number, tSquared: number): number {
  const curve = hSquared - tSquared
  const ratio = 1 / elasticity
  const newton = -excess * elasticity
  const second = curve - ratio
  const third = curve * curve - 3 * hSquared - tSquared - 3 * curve * ratio + 2 * ratio * ratio
  return (newton * (1 + 0.5 * second * newton)) / (1 + newton * (second + (third * newton) / 6))
}

/** The middle of what is still possible; geometric, since s spans many orders of magnitude. */
function middle(s: number, low: number, high: number): number {
  if (high === Number.POSITIVE_INFINITY) return 2 * s
  return low === 0 ? 0.5 * s : Math.sqrt(low) * Math.sqrt(high)
}

/**
 * s with b(x, s) = target, for x <= 0, target > 0 and shortfall = e^(x/2) - target > 0. The caller gives both, since
 * each can be known exactly where the other has lost its digits. Accurate to the last digits of the smaller one.
 */
export function impliedTotalVolatility(x: number, target: number, shortfall: number): number {
  const lower = target <= shortfall
  const sought = lower ? target : shortfall
  let s = lower ? lowerSeed(-x, target) : upperSeed(x, shortfall)
  let low = 0
  let high = Number.POSITIVE_INFINITY
  for (let step = 0; step < MOST_STEPS; step++) {
    const h = x / s
    const t = 0.5 * s
    const overVega = lower ? priceOverVega(h, t) : shortfallOverVega(h, t)
    const excess = logVega(h, t) + Math.log(overVega / sought)
    if (excess > 0 === lower) high = s
    else low = s
    const elasticity = (lower ? overVega : -overVega) / s
    const move = householderStep(excess, elasticity, h * h, t * t)
    const next = s * (1 + move)
    if (Math.abs(move) <= LAST_STEP) return next
    s = next > low && next < high ? next : middle(s, low, high)
    if (!(s > low && s < high)) return s
  }
  return s
}
