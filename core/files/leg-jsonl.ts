import { LEG_COLUMNS } from '../domain/leg.ts'
import { type FieldWriter, writeLegFields } from './leg-fields.ts'
import { batchByPattern, createLineScratch, type LineFormat } from './line-format.ts'
import {
  plainCharacters,
  writeBytes,
  writeInteger,
  writeNumber,
  writePlain,
  writePrice,
  writeText,
} from './line-text.ts'

const QUOTE = 34
const CLOSING_BRACE = 125
const NEWLINE = 10
const BATCH = /^\{"ts":.*,"batch":"(\d+)-(\d+)","source":.*\}$/
const PLAIN = plainCharacters('"\\')
const EMPTY = new Uint8Array(0)

const textEncoder = new TextEncoder()
const NULL = textEncoder.encode('null')
const KEYS = LEG_COLUMNS.map((column, i) => textEncoder.encode(`${i === 0 ? '{' : ','}"${column.name}":`))

interface JsonLine extends FieldWriter {
  begin(into: Uint8Array): void
  end(): number
}

function createJsonLine(): JsonLine {
  let into: Uint8Array = new Uint8Array(0)
  let at = 0
  let column = 0
  const key = () => {
    at = writeBytes(into, at, KEYS[column] ?? EMPTY)
    column += 1
  }
  const numeric = (value: number | null, write: typeof writeInteger) => {
    key()
    at = value === null || !Number.isFinite(value) ? writeBytes(into, at, NULL) : write(into, at, value)
  }
  const text = (value: string) => {
    const end = writePlain(into, at + 1, value, PLAIN)
    if (end === -1) {
      at = writeText(into, at, JSON.stringify(value))
      return
    }
    into[at] = QUOTE
    into[end] = QUOTE
    at = end + 1
  }
  return {
    begin(target) {
      into = target
      at = 0
      column = 0
    },
    end() {
      into[at] = CLOSING_BRACE
      into[at + 1] = NEWLINE
      return at + 2
    },
    integer: (value) => numeric(value, writeInteger),
    price: (value) => numeric(value, writePrice),
    number: (value) => numeric(value, writeNumber),
    text(value) {
      key()
      if (value === null) at = writeBytes(into, at, NULL)
      else text(value)
    },
  }
}

/** Legs as JSON lines: one object a line, the contract's keys in order, null with its key, numbers as in the CSV. */
export function createJsonlFormat(): LineFormat {
  const line = createJsonLine()
  const encode = createLineScratch((into, leg) => {
    line.begin(into)
    writeLegFields(leg, line)
    return line.end()
  })
  return { name: 'jsonl', header: EMPTY, encode, batchOf: (text) => batchByPattern(BATCH, text) }
}
