import type { Leg } from '../domain/leg.ts'
import { writeInteger, writeNumber, writePrice } from './line-text.ts'

/** How the fields of a line are set out. */
export interface LineDialect {
  /** What stands before each column's value: ASCII, at most 24 characters. */
  readonly before: readonly string[]
  readonly end: string
  /** In the place of null; at most eight characters. */
  readonly missing: string
  /** Around text; one character or none. */
  readonly quote: string
  /** ASCII characters that text cannot hold as they are. */
  readonly special: string
  /** Text that holds such a character, or is not printable ASCII, with what must be around it. */
  escape(text: string): string
}

/** Holds any line whose texts are short, and what is written beyond its end. */
const LINE_BYTES = 4096
const SHORT_TEXT = 64
const BEFORE_WORDS = 3
const RUN_WORDS = 20

const textEncoder = new TextEncoder()

/**
 * ASCII as words of eight characters, filled up with blanks. A word is a double, since that is what is moved eight bytes
 * at a time; it moves unchanged, as no eight bytes of UTF-8 are one that is not a number.
 */
function wordsOf(text: string, count: number): Float64Array {
  const bytes = Buffer.alloc(count * 8, ' ')
  bytes.write(text, 'latin1')
  return Float64Array.from({ length: count }, (_, at) => bytes.readDoubleLE(at * 8))
}

/** Some columns in a row, as they were written for a leg: for another one that has the same in them they are copied. */
interface Run {
  readonly words: Float64Array
  /** In bytes. */
  length: number
  /** The column behind it. */
  column: number
  /** Whose it is; null when nothing is kept. */
  leg: Leg | null
}

const createRun = (): Run => ({ words: new Float64Array(RUN_WORDS), length: 0, column: 0, leg: null })

/**
 * Writes legs as lines. Fields go in order, each in the form of its column's kind. Everything is written by words of
 * eight characters, so that positions only move as far as what counts.
 */
class LegLine {
  private readonly dialect: LineDialect
  private readonly before: Float64Array
  private readonly beforeLengths: Uint8Array
  private readonly missing: number
  private readonly ending: number
  private readonly quote: number
  private readonly plain: Uint8Array
  private bytes = new Uint8Array(LINE_BYTES)
  private view = new DataView(this.bytes.buffer)
  /** Views of `bytes` by their length: making one costs as much as ten numbers. */
  private lines: Uint8Array[] = []
  private at = 0
  private column = 0

  constructor(dialect: LineDialect) {
    this.dialect = dialect
    this.before = Float64Array.from(dialect.before.flatMap((text) => [...wordsOf(text, BEFORE_WORDS)]))
    this.beforeLengths = Uint8Array.from(dialect.before, (text) => text.length)
    this.missing = wordsOf(dialect.missing, 1)[0] ?? 0
    this.ending = wordsOf(dialect.end, 1)[0] ?? 0
    this.quote = dialect.quote === '' ? 0 : dialect.quote.charCodeAt(0)
    this.plain = new Uint8Array(128).fill(1, 0x20, 0x7f)
    for (const character of dialect.special) this.plain[character.charCodeAt(0)] = 0
  }

  begin(): void {
    this.at = 0
    this.column = 0
  }

  /** The line, valid until the next one begins. */
  end(): Uint8Array {
    this.view.setFloat64(this.at, this.ending, true)
    const length = this.at + this.dialect.end.length
    const seen = this.lines[length]
    if (seen !== undefined) return seen
    const line = this.bytes.subarray(0, length)
    this.lines[length] = line
    return line
  }

  integer(value: number | null): void {
    const at = this.next()
    if (value === null || !Number.isFinite(value)) this.none(at)
    else this.at = writeInteger(this.view, at, value)
  }

  price(value: number | null): void {
    const at = this.next()
    if (value === null || !Number.isFinite(value)) this.none(at)
    else this.at = writePrice(this.view, at, value)
  }

  number(value: number | null): void {
    const at = this.next()
    if (value === null || !Number.isFinite(value)) this.none(at)
    else this.at = writeNumber(this.view, at, value)
  }

  text(value: string | null): void {
    const at = this.next()
    if (value === null) this.none(at)
    else if (!this.plainText(at, value)) this.oddText(at, value)
  }

  /** Where a run begins. */
  mark(): number {
    return this.at
  }

  /** Keeps what was written of `leg` since `from`. */
  keep(run: Run, leg: Leg, from: number): void {
    const { view } = this
    const length = this.at - from
    run.leg = length <= RUN_WORDS * 8 ? leg : null
    if (run.leg === null) return
    run.length = length
    run.column = this.column
    for (let done = 0; done < length; done += 8) run.words[done >>> 3] = view.getFloat64(from + done, true)
  }

  /** Writes a run as it was kept. */
  repeat({ words, length, column }: Run): void {
    const { view, at } = this
    for (let done = 0; done < length; done += 8) view.setFloat64(at + done, words[done >>> 3] ?? 0, true)
    this.at = at + length
    this.column = column
  }

  /** Writes what stands before the next column's value, and returns the position behind it. */
  private next(): number {
    const { view, at, before, column } = this
    this.column = column + 1
    const length = this.beforeLengths[column] ?? 0
    const from = column * BEFORE_WORDS
    view.setFloat64(at, before[from] ?? 0, true)
    if (length > 8) view.setFloat64(at + 8, before[from + 1] ?? 0, true)
    if (length > 16) view.setFloat64(at + 16, before[from + 2] ?? 0, true)
    return at + length
  }

  private none(at: number): void {
    this.view.setFloat64(at, this.missing, true)
    this.at = at + this.dialect.missing.length
  }

  /** False for text that is long, or cannot stand as it is. */
  private plainText(at: number, value: string): boolean {
    const { bytes, plain, quote } = this
    const length = value.length
    if (length > SHORT_TEXT) return false
    const from = quote === 0 ? at : at + 1
    for (let i = 0; i < length; i += 1) {
      const code = value.charCodeAt(i)
      if (plain[code] !== 1) return false
      bytes[from + i] = code
    }
    this.at = from + length
    if (quote === 0) return true
    bytes[at] = quote
    bytes[this.at] = quote
    this.at += 1
    return true
  }

  private oddText(at: number, value: string): void {
    const text = textEncoder.encode(this.dialect.escape(value))
    const room = at + text.length + LINE_BYTES
    if (room > this.bytes.length) {
      const grown = new Uint8Array(room)
      grown.set(this.bytes)
      this.bytes = grown
      this.lines = []
      this.view = new DataView(grown.buffer)
    }
    this.bytes.set(text, at)
    this.at = at + text.length
  }
}

/** Encodes legs one by one; what it returns is valid until the next call. */
export function createLegEncoder(dialect: LineDialect): (leg: Leg) => Uint8Array {
  const line = new LegLine(dialect)
  const chain = createRun()
  const market = createRun()
  const pricing = createRun()
  return (leg) => {
    line.begin()
    line.integer(leg.ts)
    writeChain(leg, line, chain)
    writeContract(leg, line)
    writeQuote(leg, line)
    writeDay(leg, line)
    writeGreeks(leg, line)
    writeMarket(leg, line, market)
    writePricing(leg, line, pricing)
    return line.end()
  }
}

// The 36 columns in the order of `LEG_COLUMNS`. Written out, since reading properties by a changing key costs more than
// writing their digits; a test holds them to the table.

function writeChain(leg: Leg, to: LegLine, run: Run): void {
  const { leg: last } = run
  if (last !== null && last.index === leg.index && last.bucket === leg.bucket && last.expiry === leg.expiry) {
    to.repeat(run)
    return
  }
  const from = to.mark()
  to.text(leg.index)
  to.text(leg.bucket)
  to.text(leg.expiry)
  to.keep(run, leg, from)
}

function writeContract(leg: Leg, to: LegLine): void {
  to.number(leg.strike)
  to.integer(leg.offset)
  to.text(leg.right)
  to.text(leg.symbol)
  to.integer(leg.token)
}

function writeQuote(leg: Leg, to: LegLine): void {
  to.price(leg.ltp)
  to.price(leg.bid)
  to.price(leg.ask)
  to.integer(leg.bid_qty)
  to.integer(leg.ask_qty)
  to.integer(leg.volume)
  to.integer(leg.oi)
}

function writeDay(leg: Leg, to: LegLine): void {
  to.integer(leg.oi_day_high)
  to.integer(leg.oi_day_low)
  to.price(leg.open)
  to.price(leg.high)
  to.price(leg.low)
  to.price(leg.close)
}

function writeGreeks(leg: Leg, to: LegLine): void {
  to.number(leg.iv)
  to.number(leg.delta)
  to.number(leg.gamma)
  to.number(leg.theta)
  to.number(leg.vega)
  to.number(leg.rho)
}

function writeMarket(leg: Leg, to: LegLine, run: Run): void {
  const { leg: last } = run
  if (
    last !== null &&
    last.batch === leg.batch &&
    last.spot === leg.spot &&
    last.forward === leg.forward &&
    last.exchange_ts === leg.exchange_ts &&
    last.source === leg.source
  ) {
    to.repeat(run)
    return
  }
  const from = to.mark()
  to.price(leg.spot)
  to.price(leg.forward)
  to.integer(leg.exchange_ts)
  to.text(leg.batch)
  to.text(leg.source)
  to.keep(run, leg, from)
}

function writePricing(leg: Leg, to: LegLine, run: Run): void {
  const { leg: last } = run
  if (
    last !== null &&
    last.price_used === leg.price_used &&
    last.iv_status === leg.iv_status &&
    last.forward_method === leg.forward_method
  ) {
    to.repeat(run)
    return
  }
  const from = to.mark()
  to.text(leg.price_used)
  to.text(leg.iv_status)
  to.text(leg.forward_method)
  to.keep(run, leg, from)
}
