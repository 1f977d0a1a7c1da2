/**
 * The standard normal distribution to full double precision. Everything rests on the Mills ratio
 * M(z) = N(-z)/n(z), which neither underflows nor cancels in the wings, so tails keep their relative accuracy.
 *
 * Rational approximations: W. J. Cody, "Rational Chebyshev approximations for the error function",
 * Mathematics of Computation 23 (1969) 631-637 (coefficients as in his CALERF).
 */

const SQRT_HALF = Math.SQRT1_2
const SQRT_PI = 1.7724538509055159
const SQRT_HALF_PI = 1.2533141373155001
const INVERSE_SQRT_TWO_PI = 0.3989422804014327

/** Borders of Cody's three ranges, on the scale of z = y√2. */
const SMALL = 0.46875 * Math.SQRT2
const LARGE = 4 * Math.SQRT2

/** erf(y)/y for |y| <= 0.46875. */
function erfOverArgument(y: number): number {
  const w = y * y
  const numerator =
    (((0.18577770618460315 * w + 3.1611237438705655) * w + 113.86415415105016) * w + 377.485237685302) * w +
    3209.3775891384694
  const denominator =
    (((w + 23.601290952344122) * w + 244.02463793444417) * w + 1282.6165260773723) * w + 2844.236833439171
  return numerator / denominator
}

/** e^(y²) erfc(y) for 0.46875 < y <= 4. */
function scaledErfcMiddle(y: number): number {
  const numerator =
    (((((((2.1531153547440383e-8 * y + 0.5641884969886701) * y + 8.883149794388377) * y + 66.11919063714163) * y +
      298.6351381974001) *
      y +
      881.952221241769) *
      y +
      1712.0476126340707) *
      y +
      2051.0783778260716) *
      y +
    1230.3393547979972
  const denominator =
    (((((((y + 15.744926110709835) * y + 117.6939508913125) * y + 537.1811018620099) * y + 1621.3895745666903) * y +
      3290.7992357334597) *
      y +
      4362.619090143247) *
      y +
      3439.3676741437216) *
      y +
    1230.3393548037495
  return numerator / denominator
}

/** √π⁻¹ - y e^(y²) erfc(y) for y > 4, without the cancellation that the left side suffers. */
function scaledErfcDeficit(y: number): number {
  const w = 1 / (y * y)
  const numerator =
    ((((0.016315387137302097 * w + 0.30532663496123236) * w + 0.36034489994980445) * w + 0.12578172611122926) * w +
      0.016083785148742275) *
      w +
    0.0006587491615298378
  const denominator =
    ((((w + 2.568520192289822) * w + 1.8729528499234673) * w + 0.5279051029514285) * w + 0.06051834131244132) * w +
    0.0023352049762686918
  return (w * numerator) / denominator
}

/** Mills ratio N(-z)/n(z) for z >= 0. */
export function mills(z: number): number {
  const y = z * SQRT_HALF
  if (z > LARGE) return (1 - SQRT_PI * scaledErfcDeficit(y)) / z
  if (z > SMALL) return SQRT_HALF_PI * scaledErfcMiddle(y)
  return SQRT_HALF_PI * Math.exp(y * y) * (1 - y * erfOverArgument(y))
}

/** 1 - z M(z) = -M'(z) for z >= 0: the Bachelier price of an option z deviations out of the money, over n(z). */
export function millsSlope(z: number): number {
  return z > LARGE ? SQRT_PI * scaledErfcDeficit(z * SQRT_HALF) : 1 - z * mills(z)
}

/** Normal density. z is split so that z² is exact enough for a relatively accurate exponential (Cody). */
export function normalPdf(z: number): number {
  const a = Math.abs(z)
  if (!(a < 40)) return a >= 40 ? 0 : Number.NaN
  const head = Math.trunc(a * 16) / 16
  return INVERSE_SQRT_TWO_PI * Math.exp(-0.5 * head * head) * Math.exp(-0.5 * (a - head) * (a + head))
}

/** Normal distribution function; relatively accurate in the left tail down to underflow (z = -38). */
export function normalCdf(z: number): number {
  if (Math.abs(z) <= SMALL) {
    const y = z * SQRT_HALF
    return 0.5 + 0.5 * y * erfOverArgument(y)
  }
  const tail = normalPdf(z) * mills(Math.abs(z))
  return z > 0 ? 1 - tail : tail
}

/** Complementary error function; relatively accurate for positive y down to underflow. */
export function erfc(y: number): number {
  return 2 * normalCdf(-y * Math.SQRT2)
}
