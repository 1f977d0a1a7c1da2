import { mills, millsSlope, normalPdf } from './normal.ts'

/**
 * A first guess of s = σ√T from the normalised price b of an option |x| out of the money, good to about 1e-5 for
 * s <= 0.3. Bachelier's model is what Black's becomes for small s: b = s n(z) D(z) with z = |x|/s and D = 1 - zM(z), the
 * slope of the Mills ratio. There s/b depends on γ = |x|/b alone; call it g. From g n D = 1 follow
 *   g(0) = √(2π),  g'(γ) = M(z),  z = γ/g,
 * which makes a table of cubic Hermite polynomials in u = 1 + γ, eight to the octave, addressed by exponent and leading
 * mantissa bits of u: its relative step is the same from the money to the far wing.
 *
 * Black's s differs from Bachelier's s₀ by s = s₀ (1 + (s₀²/24) k + O(s₀⁴)), k = 1 - z²D: expand ln b of
 * normalised-black.ts in t² = s²/4, whose first term is (t²/6)(z² - 1/D), and divide by d ln b/d ln s = 1/D. The table
 * holds k/24 too. (That a Bachelier inverse is a function of one variable: J. Choi, K. Kim, M. Kwak, "Numerical
 * approximation of the implied volatility under arithmetic Brownian motion", Applied Mathematical Finance 16 (2009)
 * 261-268.)
 */

const OCTAVES = 32
const PER_OCTAVE_BITS = 3
const PER_OCTAVE = 2 ** PER_OCTAVE_BITS
const SEGMENTS = OCTAVES * PER_OCTAVE
/** Six numbers are kept of a segment; eight keep it within a cache line. */
const STRIDE = 8

/** High word of 1.0, and how far the bits that number the segments stand from the right of the high word. */
const HIGH_WORD_OF_ONE = 0x3ff00000
const SHIFT = 20 - PER_OCTAVE_BITS

/** u = 1 + |x|/b must lie below this. */
export const SEED_LIMIT = 2 ** OCTAVES

const TABLE = hermiteTable()

interface Node {
  readonly u: number
  readonly g: number
  readonly slope: number
  readonly correction: number
}

/** Newton's step on g n(z) D(z) = 1 has the slope n(z), Bachelier's vega. Three steps reach the last digits. */
function nodeAt(u: number, guess: number): Node {
  const gamma = u - 1
  let g = guess
  for (let step = 0; step < 4; step++) {
    const density = normalPdf(gamma / g)
    g -= (g * density * millsSlope(gamma / g) - 1) / density
  }
  const z = gamma / g
  return { u, g, slope: mills(z), correction: (1 - z * z * millsSlope(z)) / 24 }
}

function hermiteTable(): Float64Array {
  const table = new Float64Array(SEGMENTS * STRIDE)
  let left = nodeAt(1, Math.sqrt(2 * Math.PI))
  for (let segment = 0; segment < SEGMENTS; segment++) {
    const width = 2 ** Math.floor(segment / PER_OCTAVE) / PER_OCTAVE
    const curvature = -(millsSlope((left.u - 1) / left.g) ** 2) / left.g
    const right = nodeAt(left.u + width, left.g + width * (left.slope + 0.5 * width * curvature))
    const secant = (right.g - left.g) / width
    table.set(
      [
        left.u,
        left.g,
        left.slope,
        (3 * secant - 2 * left.slope - right.slope) / width,
        (left.slope + right.slope - 2 * secant) / (width * width),
        left.correction,
        (right.correction - left.correction) / width,
      ],
      segment * STRIDE,
    )
    left = right
  }
  return table
}

/** The guess for the normalised price `target`, given u = 1 + |x|/target < SEED_LIMIT and the high 32 bits of u. */
export function bachelierSeed(target: number, u: number, highWord: number): number {
  const at = Math.min((highWord - HIGH_WORD_OF_ONE) >> SHIFT, SEGMENTS - 1) * STRIDE
  const d = u - (TABLE[at] ?? 0)
  const g = (TABLE[at + 1] ?? 0) + d * ((TABLE[at + 2] ?? 0) + d * ((TABLE[at + 3] ?? 0) + d * (TABLE[at + 4] ?? 0)))
  const s = target * g
  return s + s * s * s * ((TABLE[at + 5] ?? 0) + d * (TABLE[at + 6] ?? 0))
}
