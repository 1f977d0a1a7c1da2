import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createRecordComposer } from '../contract/leg-record.ts'
import { LEG_COLUMNS, type Leg } from '../domain/leg.ts'
import { OpError } from '../kernel/errors.ts'
import { buildBatch, createRandom } from '../testing/leg-builder.ts'
import { CSV_HEADER, createCsvFormat } from './leg-csv.ts'
import { createJsonlFormat } from './leg-jsonl.ts'
import { createLegWriter } from './leg-writer.ts'
import { bufferLines, openLineFile } from './line-file.ts'
import { packedPath, packFile } from './packed-file.ts'

const legs: readonly Leg[] = createRecordComposer()
  .legsOf(buildBatch(createRandom(3), { ts: 1_795_000_000_123, legs: 200 }), '1-1')
  .map((leg, at) => (at === 7 ? { ...leg, symbol: 'odd, "quoted" ₹' } : leg))
const folder = mkdtempSync(join(tmpdir(), 'leg-writer-'))
afterAll(() => rmSync(folder, { recursive: true }))

const hasPython = spawnSync('python3', ['--version']).status === 0
const hasZcat = spawnSync('zcat', ['--version']).status === 0

/** A packed file of all legs. */
async function packed(name: 'csv' | 'jsonl'): Promise<{ readonly path: string; readonly plain: string }> {
  const path = join(folder, `legs.${name}`)
  const file = bufferLines(openLineFile(path, 0), 8192)
  const writer = createLegWriter(file, name === 'csv' ? createCsvFormat() : createJsonlFormat())
  expect(writer.processAndWrite(legs)).toEqual({ success: true, legs_written: legs.length })
  file.flush()
  file.close()
  const plain = readFileSync(path, 'utf8')
  await packFile(path, 6, new AbortController().signal)
  return { path: packedPath(path), plain }
}

/** What Python's own modules make of a file: rows as JSON. */
function byPython(program: string, path: string): unknown {
  const { status, stdout, stderr } = spawnSync('python3', ['-c', program, path], { encoding: 'utf8', maxBuffer: 1e8 })
  expect([status, stderr]).toEqual([0, ''])
  return JSON.parse(stdout)
}

const CSV_PROGRAM =
  'import csv,gzip,json,sys; print(json.dumps(list(csv.DictReader(gzip.open(sys.argv[1], "rt", encoding="utf-8", newline="")))))'
const JSONL_PROGRAM =
  'import gzip,json,sys; print(json.dumps([json.loads(line) for line in gzip.open(sys.argv[1], "rt", encoding="utf-8")]))'

describe('the writer of legs', () => {
  it('writes the header once and every leg behind it', () => {
    const path = join(folder, 'twice.csv')
    const file = openLineFile(path, 0)
    const writer = createLegWriter(file, createCsvFormat())
    expect(writer.processAndWrite([])).toEqual({ success: true, legs_written: 0 })
    expect(writer.processAndWrite(legs.slice(0, 3))).toEqual({ success: true, legs_written: 3 })
    expect(writer.processAndWrite(legs.slice(3, 5))).toEqual({ success: true, legs_written: 2 })
    file.close()
    const lines = readFileSync(path, 'utf8').split('\n')
    expect([lines.length, `${lines[0]}\n`, lines.at(-1)]).toEqual([7, CSV_HEADER, ''])
  })

  it('says how many it wrote when the disk refuses, and goes on with the rest', () => {
    const path = join(folder, 'refused.csv')
    const file = openLineFile(path, 0)
    let room = 4
    const narrow = {
      ...file,
      append(lines: Uint8Array) {
        if (room === 0) throw new OpError('file_unwritable', { path, reason: 'ENOSPC' })
        room -= 1
        file.append(lines)
      },
    }
    const writer = createLegWriter(narrow, createCsvFormat())
    const result = writer.processAndWrite(legs)
    expect(result).toMatchObject({ success: false, legs_written: 3, fault: { code: 'file_unwritable' } })
    room = legs.length
    expect(writer.processAndWrite(legs.slice(3))).toEqual({ success: true, legs_written: legs.length - 3 })
    file.close()
    const format = createCsvFormat()
    const expected = legs.map((leg) => Buffer.from(format.encode(leg)).toString()).join('')
    expect(readFileSync(path, 'utf8') === CSV_HEADER + expected).toBe(true)
  })

  it.skipIf(!hasZcat)('gives files that zcat reads (needs zcat)', async () => {
    const { path, plain } = await packed('csv')
    const { stdout } = spawnSync('zcat', [path], { maxBuffer: 1e8 })
    expect(stdout.toString('utf8') === plain).toBe(true)
  })

  it.skipIf(!hasPython)("gives CSV that Python's csv and gzip read (needs python3)", async () => {
    const { path } = await packed('csv')
    const text = (leg: Leg) =>
      Object.fromEntries(LEG_COLUMNS.map(({ name, kind }) => [name, cellText(leg[name], kind === 'price')]))
    expect(byPython(CSV_PROGRAM, path)).toEqual(legs.map(text))
  })

  it.skipIf(!hasPython)("gives JSON lines that Python's json and gzip read (needs python3)", async () => {
    const { path } = await packed('jsonl')
    const rounded = (leg: Leg) =>
      Object.fromEntries(
        LEG_COLUMNS.map(({ name, kind }) => {
          const value = leg[name]
          return [name, kind === 'price' && typeof value === 'number' ? Number(value.toFixed(2)) : value]
        }),
      )
    expect(byPython(JSONL_PROGRAM, path)).toEqual(legs.map(rounded))
  })
})

function cellText(value: string | number | null, isPrice: boolean): string {
  if (value === null) return ''
  return isPrice && typeof value === 'number' ? value.toFixed(2) : String(value)
}
