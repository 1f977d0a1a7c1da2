import { createHash } from 'node:crypto'
import { LEG_COLUMNS, type Leg } from '../domain/leg.ts'
import { createLegEncoder } from './leg-line.ts'
import { batchByPattern, type LineFormat } from './line-format.ts'

/** Lines go to the hash in blocks, since a call costs more than hashing a line. */
const DIGEST_BLOCK_BYTES = 16_384
const NEEDS_QUOTES = /[",\r\n]/
/** The five columns at the end of a line; none of them can hold a comma. */
const LINE_END = /,(\d+)-(\d+),[a-z]+,[a-z]*,[a-z_]+,[a-z_]*$/

export const CSV_HEADER = `${LEG_COLUMNS.map((column) => column.name).join(',')}\n`

/** RFC 4180: a field is quoted only when it holds a quote, a comma or a line break. */
function quoted(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Legs as CSV: the contract's columns, LF, empty = missing, prices with two decimals, numbers shortest round trip. */
export function createCsvFormat(): LineFormat {
  return {
    name: 'csv',
    header: new TextEncoder().encode(CSV_HEADER),
    encode: createLegEncoder({
      before: LEG_COLUMNS.map((_, column) => (column === 0 ? '' : ',')),
      end: '\n',
      missing: '',
      quote: '',
      special: '",',
      escape: quoted,
    }),
    batchOf: (text) => batchByPattern(LINE_END, text),
  }
}

/** What a spreadsheet takes for the beginning of a formula, or of one once it has dropped a tab, a break or a NUL. */
const FORMULA = new Set('=+-@\t\r\0')
const TEXT_COLUMNS = LEG_COLUMNS.filter(({ kind }) => kind === 'text').map(({ name }) => name)

/** The same for spreadsheets: no text field can be a formula. Numbers stay numbers, negative ones too. */
export function createSpreadsheetFormat(): LineFormat {
  const format = createCsvFormat()
  return { ...format, encode: (leg) => format.encode(asShown(leg)) }
}

/** A leg whose every text a spreadsheet shows as it is. */
function asShown(leg: Leg): Leg {
  const formulas = TEXT_COLUMNS.filter((name) => FORMULA.has(String(leg[name] ?? '').charAt(0)))
  return formulas.length === 0
    ? leg
    : { ...leg, ...Object.fromEntries(formulas.map((name) => [name, `'${leg[name]}`])) }
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
