import { createHash } from 'node:crypto'
import { LEG_COLUMNS, type Leg } from '../domain/leg.ts'
import { type FieldWriter, writeLegFields } from './leg-fields.ts'
import { batchByPattern, createLineScratch, type LineFormat } from './line-format.ts'
import { plainCharacters, writeInteger, writeNumber, writePlain, writePrice, writeText } from './line-text.ts'

/** Lines go to the hash in blocks, since a call costs more than hashing a line. */
const DIGEST_BLOCK_BYTES = 16_384
const COMMA = 44
const NEWLINE = 10
const PLAIN = plainCharacters('",')
const NEEDS_QUOTES = /[",\r\n]/
/** The five columns at the end of a line; none of them can hold a comma. */
const LINE_END = /,(\d+)-(\d+),[a-z]+,[a-z]*,[a-z_]+,[a-z_]*$/

export const CSV_HEADER = `${LEG_COLUMNS.map((column) => column.name).join(',')}\n`

/** RFC 4180: a field is quoted only when it holds a quote, a comma or a line break. */
function quoted(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

interface CsvLine extends FieldWriter {
  /** Begins a line in `into`. */
  begin(into: Uint8Array): void
  /** Ends it and returns where. */
  end(): number
}

/** Every field is followed by its comma; the last comma becomes the newline. */
function createCsvLine(): CsvLine {
  let into: Uint8Array = new Uint8Array(0)
  let at = 0
  const comma = (next: number) => {
    into[next] = COMMA
    at = next + 1
  }
  return {
    begin(target) {
      into = target
      at = 0
    },
    end() {
      into[at - 1] = NEWLINE
      return at
    },
    integer: (value) => comma(value === null || !Number.isFinite(value) ? at : writeInteger(into, at, value)),
    price: (value) => comma(value === null || !Number.isFinite(value) ? at : writePrice(into, at, value)),
    number: (value) => comma(value === null || !Number.isFinite(value) ? at : writeNumber(into, at, value)),
    text(value) {
      if (value === null) return comma(at)
      const next = writePlain(into, at, value, PLAIN)
      comma(next === -1 ? writeText(into, at, quoted(value)) : next)
    },
  }
}

/** Legs as CSV: the contract's columns, LF, empty = missing, prices with two decimals, numbers shortest round trip. */
export function createCsvFormat(): LineFormat {
  const line = createCsvLine()
  const encode = createLineScratch((into, leg) => {
    line.begin(into)
    writeLegFields(leg, line)
    return line.end()
  })
  return {
    name: 'csv',
    header: new TextEncoder().encode(CSV_HEADER),
    encode,
    batchOf: (text) => batchByPattern(LINE_END, text),
  }
}

/**
 * sha256 over the CSV lines of a batch's legs: one canonical form, so that the journal, the day store and the files
 * can be held against each other batch by batch.
 */
export function createLegDigest(): (legs: readonly Leg[]) => Uint8Array {
  const format = createCsvFormat()
  const block = new Uint8Array(DIGEST_BLOCK_BYTES)
  return (legs) => {
    const hash = createHash('sha256')
    let held = 0
    for (const leg of legs) {
      const line = format.encode(leg)
      if (held + line.length > block.length) {
        hash.update(block.subarray(0, held))
        held = 0
      }
      if (line.length > block.length) hash.update(line)
      else {
        block.set(line, held)
        held += line.length
      }
    }
    return hash.update(block.subarray(0, held)).digest()
  }
}
