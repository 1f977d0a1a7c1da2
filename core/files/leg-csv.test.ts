import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRecordComposer } from '../contract/leg-record.ts'
import { type ColumnKind, LEG_COLUMNS, type Leg } from '../domain/leg.ts'
import { buildBatch, createRandom } from '../testing/leg-builder.ts'
import { CSV_HEADER, createCsvFormat, createLegDigest, createSpreadsheetFormat } from './leg-csv.ts'
import { createJsonlFormat } from './leg-jsonl.ts'
import { writeInteger, writeNumber, writePrice } from './line-text.ts'

const decoder = new TextDecoder()

/** The plain way to say the same: what the fast writer is held to. */
function plainField(kind: ColumnKind, value: string | number | null): string | null {
  if (value === null) return null
  if (kind === 'price') return (Math.round(Number(value) * 100) / 100).toFixed(2)
  return String(value)
}

function plainCsv(leg: Leg): string {
  const fields = LEG_COLUMNS.map(({ name, kind }) => {
    const text = plainField(kind, leg[name]) ?? ''
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  })
  return `${fields.join(',')}\n`
}

function plainJson(leg: Leg): string {
  const fields = LEG_COLUMNS.map(({ name, kind }) => {
    const text = plainField(kind, leg[name])
    return `"${name}":${text === null ? 'null' : kind === 'text' ? JSON.stringify(text) : text}`
  })
  return `{${fields.join(',')}}\n`
}

const composer = createRecordComposer()
const legs = (seed: number, count: number) =>
  composer.legsOf(buildBatch(createRandom(seed), { ts: 1_795_000_000_123, legs: count }), '3-41')

const written = (write: (into: DataView, at: number, value: number) => number, value: number) => {
  const into = new DataView(new ArrayBuffer(64))
  return decoder.decode(into.buffer.slice(0, write(into, 0, value)))
}

describe('numbers as bytes', () => {
  it('writes integers, prices and doubles as the plain way does', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(written(writeInteger, value)).toBe(String(value))
      }),
    )
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), (paise) => {
        expect(written(writePrice, paise / 100)).toBe((paise / 100).toFixed(2))
      }),
    )
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(written(writeNumber, value)).toBe(String(value))
      }),
      { numRuns: 2000 },
    )
  })

  it('writes scaled decimals, which take the fast way, to the shortest form', () => {
    const scaled = fc.tuple(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), fc.integer({ min: 0, max: 12 }))
    fc.assert(
      fc.property(scaled, ([digits, places]) => {
        const value = digits / 10 ** places
        expect(written(writeNumber, value)).toBe(String(value))
        expect(Number(written(writeNumber, value))).toBe(value === 0 ? 0 : value)
      }),
      { numRuns: 5000 },
    )
  })

  it('writes every tick of gamma, the smallest with their exponent', () => {
    for (let ticks = -12_000; ticks <= 12_000; ticks += 1) {
      const value = ticks / 1e10
      expect(written(writeNumber, value)).toBe(String(value))
    }
  })

  it.each([
    [0, '0'],
    [-0, '0'],
    [0.1, '0.1'],
    [0.30000000000000004, '0.30000000000000004'],
    [1e-7, '1e-7'],
    [-2.081e-7, '-2.081e-7'],
    [5e-10, '5e-10'],
    [1.2e-9, '1.2e-9'],
    [9.999e-7, '9.999e-7'],
    [5e-11, '5e-11'],
    [21.47483647, '21.47483647'],
    [21.47483648, '21.47483648'],
    [0.000001, '0.000001'],
    [99999.9999999999, '99999.9999999999'],
    [24500.5, '24500.5'],
    [2 ** 53, '9007199254740992'],
    [1e21, '1e+21'],
  ])('%d is %s', (value, text) => {
    expect(written(writeNumber, value)).toBe(text)
  })
})

describe('legs as CSV and JSON lines', () => {
  it('has the bytes of the plain encoder, for any leg', () => {
    const csv = createCsvFormat()
    const jsonl = createJsonlFormat()
    for (let seed = 0; seed < 200; seed += 1) {
      for (const leg of legs(seed, 20)) {
        expect(decoder.decode(csv.encode(leg))).toBe(plainCsv(leg))
        expect(decoder.decode(jsonl.encode(leg))).toBe(plainJson(leg))
      }
    }
  })

  it('has the same bytes whatever line came before', () => {
    const [leg] = legs(6, 1)
    if (leg === undefined) throw new Error('no leg')
    const text = fc.constantFrom(
      'ok',
      'a,b',
      '"',
      'ÿÿÿÿÿÿÿÿ',
      '\u{10ffff}\u{10ffff}',
      '\x7f\x7f',
      '',
      'x'.repeat(64),
      'y'.repeat(65),
      '₹'.repeat(900),
    )
    const number = fc.constantFrom(null, 0, -0, 26_000.05, Number.NaN, 1e-7)
    const change = fc.record({
      bucket: text,
      expiry: text,
      batch: text,
      forward_method: fc.option(text),
      spot: number,
      forward: number,
      exchange_ts: fc.option(fc.nat()),
    })
    const csv = createCsvFormat()
    const jsonl = createJsonlFormat()
    fc.assert(
      fc.property(fc.array(change, { minLength: 2, maxLength: 6 }), (changes) => {
        for (const one of changes) {
          const odd: Leg = Object.assign({}, leg, one)
          const finite: Leg = Object.assign({}, odd, {
            spot: Number.isNaN(odd.spot) ? null : odd.spot,
            forward: Number.isNaN(odd.forward) ? null : odd.forward,
          })
          expect(decoder.decode(csv.encode(odd))).toBe(plainCsv(finite))
          expect(decoder.decode(jsonl.encode(odd))).toBe(plainJson(finite))
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('quotes text only where RFC 4180 asks for it, and reads back', () => {
    const [leg] = legs(1, 1)
    if (leg === undefined) throw new Error('no leg')
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('a,b', 'say "x"', 'line\nbreak', 'रुपया ₹', `long${'x'.repeat(9000)}`),
    )
    fc.assert(
      fc.property(text, (symbol) => {
        const odd = { ...leg, symbol }
        const csv = decoder.decode(createCsvFormat().encode(odd))
        expect(csv).toBe(plainCsv({ ...odd, symbol }))
        const [row] = parse(csv, { relax_column_count: false })
        expect(row?.[7]).toBe(symbol)
        const json: unknown = JSON.parse(decoder.decode(createJsonlFormat().encode(odd)))
        expect(json).toMatchObject({ symbol })
      }),
    )
  })

  it('has no formula in a text field for spreadsheets, and numbers as they are', () => {
    const [leg] = legs(1, 1)
    if (leg === undefined) throw new Error('no leg')
    const sheet = createSpreadsheetFormat()
    const written = (symbol: string) => decoder.decode(sheet.encode({ ...leg, symbol, theta: -1.25, delta: -0.5 }))
    const read = (symbol: string) => parse(written(symbol))[0] ?? []
    for (const first of ['=', '+', '-', '@', '\t', '\r', '\0']) {
      const formula = `${first}HYPERLINK("http://x","y")`
      const row = read(formula)
      expect(row[7]).toBe(`'${formula}`)
      expect([row[23], row[25]]).toEqual(['-0.5', '-1.25'])
      // The record keeps what the exchange said.
      expect(parse(decoder.decode(createCsvFormat().encode({ ...leg, symbol: formula })))[0]?.[7]).toBe(formula)
    }
    expect(written('NIFTY26NOV24000CE')).toBe(
      decoder.decode(createCsvFormat().encode({ ...leg, symbol: 'NIFTY26NOV24000CE', theta: -1.25, delta: -0.5 })),
    )
    expect(read("M&M '26=x")[7]).toBe("M&M '26=x")
  })

  it('has the columns of the contract in its header and keys', () => {
    expect(CSV_HEADER).toBe(
      'ts,index,bucket,expiry,strike,offset,right,symbol,token,ltp,bid,ask,bid_qty,ask_qty,volume,oi,oi_day_high,oi_day_low,open,high,low,close,iv,delta,gamma,theta,vega,rho,spot,forward,exchange_ts,batch,source,price_used,iv_status,forward_method\n',
    )
    const [leg] = legs(2, 1)
    if (leg === undefined) throw new Error('no leg')
    const parsed: unknown = JSON.parse(decoder.decode(createJsonlFormat().encode(leg)))
    expect(Object.keys(parsed ?? {})).toEqual(LEG_COLUMNS.map((column) => column.name))
  })

  it('writes what is not finite as missing', () => {
    const [leg] = legs(2, 1)
    if (leg === undefined) throw new Error('no leg')
    const bad = { ...leg, iv: Number.NaN, ltp: Number.POSITIVE_INFINITY, oi: Number.NaN }
    const missing = { ...leg, iv: null, ltp: null, oi: null }
    expect(decoder.decode(createCsvFormat().encode(bad))).toBe(plainCsv(missing))
    expect(decoder.decode(createJsonlFormat().encode(bad))).toBe(plainJson(missing))
  })

  it('finds the batch of its own lines and of no others', () => {
    const [leg] = legs(4, 1)
    if (leg === undefined) throw new Error('no leg')
    for (const format of [createCsvFormat(), createJsonlFormat()]) {
      const line = decoder.decode(format.encode(leg)).trimEnd()
      expect(format.batchOf(line)).toEqual({ epoch: 3, seq: 41 })
      expect(format.batchOf(line.slice(0, -3))).toEqual(format.name === 'csv' ? { epoch: 3, seq: 41 } : null)
      expect(format.batchOf(decoder.decode(format.header).trimEnd())).toBeNull()
      expect(format.batchOf('\0'.repeat(100))).toBeNull()
    }
  })

  it('has a digest that depends on every column', () => {
    const digest = createLegDigest()
    const batch = legs(5, 3)
    const before = Buffer.from(digest(batch)).toString('hex')
    expect(before).toHaveLength(64)
    expect(Buffer.from(digest(batch)).toString('hex')).toBe(before)
    const [first, ...rest] = batch
    if (first === undefined) throw new Error('no leg')
    expect(Buffer.from(digest([{ ...first, rho: 0.12345 }, ...rest])).toString('hex')).not.toBe(before)
    expect(Buffer.from(digest([...rest, first])).toString('hex')).not.toBe(before)
  })
})
