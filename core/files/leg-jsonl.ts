import { LEG_COLUMNS } from '../domain/leg.ts'
import { createLegEncoder } from './leg-line.ts'
import { batchByPattern, type LineFormat } from './line-format.ts'

const BATCH = /^\{"ts":.*,"batch":"(\d+)-(\d+)","source":.*\}$/

/** Legs as JSON lines: one object a line, the contract's keys in order, null with its key, numbers as in the CSV. */
export function createJsonlFormat(): LineFormat {
  return {
    name: 'jsonl',
    header: new Uint8Array(0),
    encode: createLegEncoder({
      before: LEG_COLUMNS.map(({ name }, column) => `${column === 0 ? '{' : ','}"${name}":`),
      end: '}\n',
      missing: 'null',
      quote: '"',
      special: '"\\',
      escape: JSON.stringify,
    }),
    batchOf: (text) => batchByPattern(BATCH, text),
  }
}
