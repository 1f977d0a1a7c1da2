/**
 * Digits and text straight into bytes: making strings and encoding them afterwards is most of the cost of a line.
 * Every function writes at `at` and returns the position after what it wrote. Bytes beyond the end of `into` are
 * dropped, as typed arrays do: the caller compares the returned position with the length.
 */

const ZERO = 48
const MINUS = 45
const POINT = 46
const EIGHT_DIGITS = 100_000_000
/** Below this a product with an integer is exact in 32-bit arithmetic. */
const SMALL = 2 ** 31
const FRACTION_DIGITS = 10
const FRACTION_SCALE = 10 ** FRACTION_DIGITS
const HALF_DIGITS = 5
const HALF_FRACTION = 10 ** HALF_DIGITS
/** Decimals of at most 15 digits and doubles map to each other one to one. */
const EXACT_SCALED = 1e15

const textEncoder = new TextEncoder()

/** Decimal digits of a whole number from 0 to 2^31. */
function smallDigits(value: number): number {
  let count = 1
  for (let rest = (value / 10) | 0; rest > 0; rest = (rest / 10) | 0) count += 1
  return count
}

/** A whole number from 0 to 2^31, padded with zeros to `width`. */
function writeSmall(into: Uint8Array, at: number, value: number, width: number): number {
  let rest = value | 0
  for (let i = at + width - 1; i >= at; i -= 1) {
    const tens = (rest / 10) | 0
    into[i] = ZERO + rest - tens * 10
    rest = tens
  }
  return at + width
}

function writeWhole(into: Uint8Array, at: number, value: number): number {
  if (value < SMALL) return writeSmall(into, at, value, smallDigits(value))
  const high = Math.floor(value / EIGHT_DIGITS)
  return writeSmall(into, writeWhole(into, at, high), value - high * EIGHT_DIGITS, 8)
}

/** A whole number; fractions are rounded. */
export function writeInteger(into: Uint8Array, at: number, value: number): number {
  const whole = Math.round(value)
  if (whole >= 0) return writeWhole(into, at, whole)
  into[at] = MINUS
  return writeWhole(into, at + 1, -whole)
}

/** Rupees with two decimals, rounded to the paisa as `Math.round(rupees × 100)`. */
export function writePrice(into: Uint8Array, at: number, rupees: number): number {
  const paise = Math.round(rupees * 100)
  let next = at
  if (paise < 0) {
    into[next] = MINUS
    next += 1
  }
  const size = Math.abs(paise)
  const whole = Math.floor(size / 100)
  next = writeWhole(into, next, whole)
  into[next] = POINT
  return writeSmall(into, next + 1, size - whole * 100, 2)
}

/** The shortest decimal that reads back as the same double, as JavaScript's `String(value)` writes it. */
export function writeNumber(into: Uint8Array, at: number, value: number): number {
  if (Number.isSafeInteger(value)) return writeInteger(into, at, value)
  const size = Math.abs(value)
  const scaled = Math.round(size * FRACTION_SCALE)
  // JavaScript switches to an exponent below 1e-6, and longer decimals need a real shortest-digits algorithm.
  if (size < 1e-6 || scaled >= EXACT_SCALED || scaled / FRACTION_SCALE !== size) return writeText(into, at, `${value}`)
  let next = at
  if (value < 0) {
    into[next] = MINUS
    next += 1
  }
  const whole = Math.floor(scaled / FRACTION_SCALE)
  next = writeWhole(into, next, whole)
  into[next] = POINT
  return writeFraction(into, next + 1, scaled - whole * FRACTION_SCALE)
}

/** `width` digits less the zeros at their end. `digits` is from 1 to 10^5. */
function writeTrimmed(into: Uint8Array, at: number, digits: number, width: number): number {
  let rest = digits | 0
  let left = width
  for (let tens = (rest / 10) | 0; tens * 10 === rest; tens = (rest / 10) | 0) {
    rest = tens
    left -= 1
  }
  return writeSmall(into, at, rest, left)
}

/** Ten digits less the zeros at their end, in two halves since ten digits are too many for 32 bits. */
function writeFraction(into: Uint8Array, at: number, fraction: number): number {
  const high = Math.floor(fraction / HALF_FRACTION)
  const low = fraction - high * HALF_FRACTION
  if (low === 0) return writeTrimmed(into, at, high, HALF_DIGITS)
  return writeTrimmed(into, writeSmall(into, at, high, HALF_DIGITS), low, HALF_DIGITS)
}

/**
 * Text whose every character `plain` has a 1 for, as it is; -1 when there is another one, and what was written so
 * far is then to be written over.
 */
export function writePlain(into: Uint8Array, at: number, text: string, plain: Uint8Array): number {
  const length = text.length
  for (let i = 0; i < length; i += 1) {
    const code = text.charCodeAt(i)
    if (plain[code] !== 1) return -1
    into[at + i] = code
  }
  return at + length
}

/** A table for `writePlain`: printable ASCII but for `except`. */
export function plainCharacters(except: string): Uint8Array {
  const table = new Uint8Array(128).fill(1, 0x20, 0x7f)
  for (const character of except) table[character.charCodeAt(0)] = 0
  return table
}

/** Text as UTF-8. */
export function writeText(into: Uint8Array, at: number, text: string): number {
  return writeBytes(into, at, textEncoder.encode(text))
}

export function writeBytes(into: Uint8Array, at: number, bytes: Uint8Array): number {
  for (let i = 0; i < bytes.length; i += 1) into[at + i] = bytes[i] ?? 0
  return at + bytes.length
}
