/**
 * Randomness without state: every number is a hash of what it belongs to, so that the market at an instant is the
 * same however one came there. Mixing: the finaliser of MurmurHash3 (A. Appleby, public domain).
 */
export function hash(seed: number, a: number, b = 0, c = 0): number {
  let h = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b)
  h = mix(h ^ Math.imul(a | 0, 0xcc9e2d51))
  h = mix(h ^ Math.imul(b | 0, 0x1b873593))
  return mix(h ^ Math.imul(c | 0, 0x2545f491))
}

function mix(value: number): number {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** Uniform in (0, 1), never one of its ends. */
export function uniform(seed: number, a: number, b = 0, c = 0): number {
  return (hash(seed, a, b, c) + 0.5) / 4_294_967_296
}

/** Standard normal (Box and Muller, Annals of Mathematical Statistics 29, 1958). */
export function gaussian(seed: number, a: number, b = 0, c = 0): number {
  const radius = Math.sqrt(-2 * Math.log(uniform(seed, a, b, c)))
  return radius * Math.cos(2 * Math.PI * uniform(seed ^ 0x5bd1e995, a, b, c))
}

const BRIDGE_LEVELS = 14
/** Points of a bridge less one. */
export const BRIDGE_STEPS = 1 << BRIDGE_LEVELS

/**
 * A Brownian bridge of variance 1 from 0 to 0 on BRIDGE_STEPS equal steps, by midpoint displacement
 * (P. Lévy; P. Glasserman, Monte Carlo Methods in Financial Engineering, 3.1).
 */
export function brownianBridge(seed: number, a: number, b: number): Float64Array {
  const path = new Float64Array(BRIDGE_STEPS + 1)
  for (let width = BRIDGE_STEPS; width > 1; width >>= 1) {
    const half = width >> 1
    const deviation = Math.sqrt(width / BRIDGE_STEPS) / 2
    for (let left = 0; left < BRIDGE_STEPS; left += width) {
      const middle = ((path[left] ?? 0) + (path[left + width] ?? 0)) / 2
      path[left + half] = middle + deviation * gaussian(seed, a, b, left + half)
    }
  }
  return path
}

/** Smooth noise in [-1, 1]: hashed knots at the integers of `position`, eased between them. */
export function valueNoise(seed: number, a: number, position: number): number {
  const knot = Math.floor(position)
  const part = position - knot
  const ease = part * part * (3 - 2 * part)
  const from = 2 * uniform(seed, a, knot) - 1
  return from + ease * (2 * uniform(seed, a, knot + 1) - 1 - from)
}
