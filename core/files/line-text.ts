/**
 * Numbers as digits straight into bytes: making strings and encoding them afterwards is most of the cost of a line.
 * Every function writes at `at` and returns the position after what it wrote. Digits go in by fours, so up to three
 * bytes behind that position are written too: the caller leaves room, and writes over them.
 */

const MINUS = 45
const POINT = 46
const EXPONENT = 101
const TEN_THOUSAND = 10_000
const MILLION = 1_000_000
const HUNDRED_MILLION = 100_000_000
/** Below this whole numbers fit 32 bits with a sign, where division is cheap. */
const SMALL = 2 ** 31
const FRACTION_SCALE = 1e10
/** Decimals of at most 15 digits and doubles map to each other one to one. */
const EXACT_SCALED = 1e15

/** "0000" to "9999": four characters as a little-endian word. */
const FOUR_DIGITS = new Uint32Array(TEN_THOUSAND)
/** How many of those four digits are left without the zeros at their end. */
const TRIMMED_DIGITS = new Uint8Array(TEN_THOUSAND)

for (let value = 0; value < TEN_THOUSAND; value += 1) {
  const digits = String(value).padStart(4, '0')
  FOUR_DIGITS[value] = Buffer.from(digits, 'latin1').readUInt32LE()
  TRIMMED_DIGITS[value] = digits.replace(/0+$/, '').length
}

function wordOf(value: number): number {
  return FOUR_DIGITS[value] ?? 0
}

/** Four digits of a whole number below 10,000. */
function writeFour(into: DataView, at: number, value: number): number {
  into.setUint32(at, wordOf(value), true)
  return at + 4
}

/** A whole number below 10,000, without zeros before it. */
function writeUpToFour(into: DataView, at: number, value: number): number {
  const digits = value < 100 ? (value < 10 ? 1 : 2) : value < 1000 ? 3 : 4
  into.setUint32(at, wordOf(value) >>> ((4 - digits) * 8), true)
  return at + digits
}

/** A whole number below 2^31. */
function writeSmall(into: DataView, at: number, value: number): number {
  const whole = value | 0
  if (whole < TEN_THOUSAND) return writeUpToFour(into, at, whole)
  const high = (whole / TEN_THOUSAND) | 0
  const low = whole - high * TEN_THOUSAND
  if (high < TEN_THOUSAND) return writeFour(into, writeUpToFour(into, at, high), low)
  const top = (high / TEN_THOUSAND) | 0
  return writeFour(into, writeFour(into, writeUpToFour(into, at, top), high - top * TEN_THOUSAND), low)
}

function writeWhole(into: DataView, at: number, value: number): number {
  if (value < SMALL) return writeSmall(into, at, value)
  const high = Math.floor(value / HUNDRED_MILLION)
  const low = (value - high * HUNDRED_MILLION) | 0
  const lowHigh = (low / TEN_THOUSAND) | 0
  return writeFour(into, writeFour(into, writeWhole(into, at, high), lowHigh), low - lowHigh * TEN_THOUSAND)
}

/** A whole number; fractions are rounded. */
export function writeInteger(into: DataView, at: number, value: number): number {
  const small = value | 0
  if (small === value && small >= 0) return writeSmall(into, at, small)
  const whole = Math.round(value)
  if (whole >= 0) return writeWhole(into, at, whole)
  into.setUint8(at, MINUS)
  return writeWhole(into, at + 1, -whole)
}

/** Rupees with two decimals, rounded to the paisa as `Math.round(rupees × 100)`. */
export function writePrice(into: DataView, at: number, rupees: number): number {
  const paise = Math.round(rupees * 100)
  if (paise >= 0) return writePaise(into, at, paise)
  into.setUint8(at, MINUS)
  return writePaise(into, at + 1, -paise)
}

function writePaise(into: DataView, at: number, paise: number): number {
  const whole = paise < SMALL ? ((paise | 0) / 100) | 0 : Math.floor(paise / 100)
  const next = writeWhole(into, at, whole)
  // Of four digits the last two, behind a point.
  into.setUint32(next, ((wordOf(paise - whole * 100) >>> 8) & 0xff_ff_00) | POINT, true)
  return next + 3
}

/** The shortest decimal that reads back as the same double, as JavaScript's `String(value)` writes it. */
export function writeNumber(into: DataView, at: number, value: number): number {
  const size = Math.abs(value)
  const short = Math.round(size * HUNDRED_MILLION)
  if (short < SMALL && short >= 100 && short / HUNDRED_MILLION === size)
    return writeShort(into, at, short | 0, value < 0)
  const scaled = Math.round(size * FRACTION_SCALE)
  // JavaScript switches to an exponent below 1e-6, and longer decimals need a real shortest-digits algorithm.
  if (size < 1e-6 || scaled >= EXACT_SCALED || scaled / FRACTION_SCALE !== size) return writeOther(into, at, value)
  if (value < 0) into.setUint8(at, MINUS)
  const whole = Math.floor(size)
  const next = writeSmall(into, value < 0 ? at + 1 : at, whole)
  const fraction = scaled - whole * FRACTION_SCALE
  return fraction === 0 ? next : writeFraction(into, next, fraction)
}

/** A number with at most eight decimals that fits 32 bits without its point. */
function writeShort(into: DataView, at: number, short: number, isNegative: boolean): number {
  if (isNegative) into.setUint8(at, MINUS)
  const whole = (short / HUNDRED_MILLION) | 0
  const next = writeUpToFour(into, isNegative ? at + 1 : at, whole)
  const fraction = short - whole * HUNDRED_MILLION
  if (fraction === 0) return next
  into.setUint8(next, POINT)
  const high = (fraction / TEN_THOUSAND) | 0
  const low = fraction - high * TEN_THOUSAND
  into.setUint32(next + 1, wordOf(high), true)
  if (low === 0) return next + 1 + (TRIMMED_DIGITS[high] ?? 0)
  into.setUint32(next + 5, wordOf(low), true)
  return next + 5 + (TRIMMED_DIGITS[low] ?? 0)
}

/** A point and ten digits less the zeros at their end: four, four and two. */
function writeFraction(into: DataView, at: number, fraction: number): number {
  into.setUint8(at, POINT)
  const high = Math.floor(fraction / MILLION)
  const rest = (fraction - high * MILLION) | 0
  into.setUint32(at + 1, wordOf(high), true)
  if (rest === 0) return at + 1 + (TRIMMED_DIGITS[high] ?? 0)
  const middle = (rest / 100) | 0
  const low = (rest - middle * 100) * 100
  into.setUint32(at + 5, wordOf(middle), true)
  if (low === 0) return at + 5 + (TRIMMED_DIGITS[middle] ?? 0)
  into.setUint32(at + 9, wordOf(low), true)
  return at + 9 + (TRIMMED_DIGITS[low] ?? 0)
}

function writeOther(into: DataView, at: number, value: number): number {
  if (Number.isSafeInteger(value)) return writeInteger(into, at, value)
  const size = Math.abs(value)
  const scaled = Math.round(size * FRACTION_SCALE)
  if (scaled > 0 && scaled < TEN_THOUSAND && scaled / FRACTION_SCALE === size)
    return writeTiny(into, at, scaled, value < 0)
  const text = String(value)
  for (let i = 0; i < text.length; i += 1) into.setUint8(at + i, text.charCodeAt(i))
  return at + text.length
}

/** Up to four digits times 1e-10, as JavaScript writes what is below 1e-6: `2.081e-7`. */
function writeTiny(into: DataView, at: number, scaled: number, isNegative: boolean): number {
  const word = wordOf(scaled)
  const zeros = scaled < 100 ? (scaled < 10 ? 3 : 2) : scaled < 1000 ? 1 : 0
  const left = (TRIMMED_DIGITS[scaled] ?? 0) - zeros
  const first = isNegative ? at + 1 : at
  if (isNegative) into.setUint8(at, MINUS)
  into.setUint8(first, (word >>> (zeros * 8)) & 0xff)
  let next = first + 1
  if (left > 1) {
    into.setUint8(next, POINT)
    into.setUint32(next + 1, word >>> ((zeros + 1) * 8), true)
    next += left
  }
  into.setUint8(next, EXPONENT)
  into.setUint8(next + 1, MINUS)
  return writeUpToFour(into, next + 2, 7 + zeros)
}
