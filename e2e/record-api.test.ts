import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { optionChainSchema } from '../core/contract/api-schema.ts'
import { legsSchema } from '../core/contract/legs.ts'
import { LEG_COLUMNS } from '../core/domain/leg.ts'
import { eventually } from '../core/testing/eventually.ts'
import { untilLegsFlow } from './fixture.ts'
import { API_ADDRESS, type Running, readJson, startOptrade, temporaryFolder } from './product.ts'

const folder = temporaryFolder()
let product: Running
let address = ''
let recorded = ''

const LEGS = 2_000

beforeAll(async () => {
  product = startOptrade(['run'], folder.path, { SIM_AT: '2026-11-23T10:00', SIM_SPEED: '10' })
  address = await product.waitFor(API_ADDRESS)
  await untilLegsFlow(address, LEGS)
})
afterAll(async () => {
  await product.stop('SIGKILL')
  folder.remove()
})

async function exported(...args: readonly string[]) {
  const run = startOptrade(['export', 'legs', ...args], folder.path)
  return { status: await run.ended, text: run.output() }
}

const NIFTY = ['--index', 'NIFTY', '--bucket', 'this_week'] as const

describe('recorded legs over HTTP', () => {
  it('come in pages that together are the record, once and in order', async () => {
    const first = legsSchema.parse(await readJson(`${address}/legs/nifty?bucket=this_week&limit=500`))
    const stretch = `from=${encodeURIComponent(first.from)}&to=${encodeURIComponent(first.to)}`
    const read = async (limit: number) => {
      const found: string[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const after: string = cursor === '' ? '' : `&cursor=${cursor}`
        const url = `${address}/legs/NIFTY?bucket=this_week&${stretch}&limit=${limit}${after}`
        const page = legsSchema.parse(await readJson(url))
        expect(page.legs.length).toBeLessThanOrEqual(limit)
        found.push(...page.legs.map((leg) => JSON.stringify(leg)))
        cursor = page.next_cursor
      }
      return found
    }
    const whole = await read(10_000)
    expect(whole.length).toBeGreaterThan(100)
    expect(new Set(whole).size).toBe(whole.length)
    expect(await read(37)).toEqual(whole)
  })

  it('are CSV where that is asked for, with the next page in a header', async () => {
    const reply = await fetch(`${address}/legs/NIFTY?bucket=this_week&right=CE&limit=5`, {
      headers: { accept: 'text/csv' },
    })
    expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(reply.headers.get('x-next-cursor')).toMatch(/^2026-11-23\.\d+-\d+-\d+$/)
    const rows: Record<string, string>[] = parse(await reply.text(), { columns: true })
    expect(rows.map((row) => row.right)).toEqual(['CE', 'CE', 'CE', 'CE', 'CE'])
    expect(Object.keys(rows[0] ?? {})).toEqual(LEG_COLUMNS.map(({ name }) => name))
  })

  it.each([
    ['from=yesterday', 'from: yesterday is not an instant'],
    ['from=2026-11-23T11:00&to=2026-11-23T10:00', 'is not before to'],
    ['cursor=1-2-3', 'cursor: 1-2-3 is not the next_cursor of a page'],
    ['limit=0', 'limit'],
    ['bucket=today', 'bucket'],
  ])('refuse %s', async (query, reason) => {
    const reply = await fetch(`${address}/legs/NIFTY?${query}`)
    expect([reply.status, await reply.text()]).toEqual([400, expect.stringContaining(reason)])
  })
})

const WIRE = ['ts', 'ltp', 'bid', 'ask', 'bid_qty', 'ask_qty', 'volume', 'oi', 'oi_change', 'exchange_ts'] as const

describe('a chain of the past', () => {
  it('has what the live chain had at that instant', async () => {
    const live = optionChainSchema.parse(await readJson(`${address}/option-chain/NIFTY?bucket=this_week`))
    const at = encodeURIComponent(live.timestamp)
    // What was received is durable, and in the store, a moment later.
    const compared = await eventually(async () => {
      const past = optionChainSchema.parse(await readJson(`${address}/option-chain/NIFTY?bucket=this_week&at=${at}`))
      expect([past.expiry, past.lot_size, past.timestamp]).toEqual([live.expiry, live.lot_size, live.timestamp])
      expect(past.rows.map(({ strike }) => strike)).toEqual(live.rows.map(({ strike }) => strike))
      const pairs = past.rows.flatMap((row, k) => [
        [row.call, live.rows[k]?.call],
        [row.put, live.rows[k]?.put],
      ])
      const recorded = pairs.filter(([leg]) => leg !== null)
      for (const [then, now] of recorded) for (const name of WIRE) expect(then?.[name]).toEqual(now?.[name])
      return recorded.length
    }, 20_000)
    expect(compared).toBeGreaterThanOrEqual(10)
  })

  it('is refused where nothing is on record', async () => {
    const reply = await fetch(`${address}/option-chain/NIFTY?at=2020-01-01T10:00`)
    expect([reply.status, await reply.text()]).toEqual([404, expect.stringContaining('not_on_record')])
    expect((await fetch(`${address}/option-chain/NIFTY?at=noon`)).status).toBe(400)
  })
})

describe('optrade export legs', () => {
  it('works beside the running monitor', async () => {
    const out = join(folder.path, 'beside.jsonl')
    const { status, text } = await exported(...NIFTY, '--format', 'jsonl', '--out', out, '--json')
    const result: unknown = JSON.parse(text)
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n')
    expect([status, result]).toEqual([0, expect.objectContaining({ legs: lines.length, path: out })])
  })

  it.each(['csv', 'jsonl'] as const)('gives back the recorder’s own file, byte for byte (%s)', async (format) => {
    await stopped()
    const out = join(folder.path, `out.${format}`)
    expect(await exported(...NIFTY, '--format', format, '--out', out)).toMatchObject({ status: 0 })
    expect(readFileSync(out).equals(readFileSync(recorderFile(format)))).toBe(true)
    expect(existsSync(`${out}.partial`)).toBe(false)
    // Without a file it goes to standard output, and nothing else does.
    expect((await exported(...NIFTY, '--format', format)).text).toBe(readFileSync(out, 'utf8'))
  })

  it('writes Parquet that another reader reads, value by value', async () => {
    await stopped()
    const out = join(folder.path, 'out.parquet')
    expect(await exported(...NIFTY, '--format', 'parquet', '--out', out)).toMatchObject({ status: 0 })
    const file = await asyncBufferFromFile(out)
    const compressors = { ZSTD: (bytes: Uint8Array) => new Uint8Array(zstdDecompressSync(bytes)) }
    const rows = await parquetReadObjects({ file, compressors })
    const expected: Record<string, string>[] = parse(readFileSync(recorderFile('csv')), { columns: true })
    expect(rows).toHaveLength(expected.length)
    expect(rows.map(textOf)).toEqual(expected.map(sameForm))
  })

  it.each([
    [['--index', 'DOW'], 2],
    [['--bucket', 'this_week'], 2],
    [[...NIFTY, '--format', 'parquet'], 2],
    [[...NIFTY, '--from', 'noon'], 2],
    [[...NIFTY, '--strike', '-1'], 2],
    [[...NIFTY, '--out', '/nowhere/at/all.csv'], 1],
  ])('refuses %j with a sentence', async (args, status) => {
    const run = await exported(...args)
    expect([run.status, run.text.split('\n').length < 12, run.text.includes('    at ')]).toEqual([status, true, false])
  })

  it('leaves what was there before when it fails or is cancelled', async () => {
    const out = join(folder.path, 'kept.csv')
    writeFileSync(out, 'kept')
    const run = startOptrade(['export', 'legs', ...NIFTY, '--out', out, '--from', 'noon'], folder.path)
    expect(await run.ended).toBe(2)
    expect(readFileSync(out, 'utf8')).toBe('kept')
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.partial'))).toEqual([])
  })
})

/** The record stands still from here on. */
async function stopped(): Promise<void> {
  if (product.child.exitCode === null) expect(await product.stop()).toBe(0)
  recorded = join(folder.path, 'data/sim/legs/2026-11-23')
}

const recorderFile = (format: string) => join(recorded, `NIFTY_this_week_2026-11-23.${format}`)

/** A row of Parquet by its meaning: times back to milliseconds, missing as empty. */
function textOf(row: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => {
      if (value === null || value === undefined) return [name, '']
      return [name, value instanceof Date ? String(value.getTime()) : String(value)]
    }),
  )
}

/** Prices of CSV have two decimals. */
function sameForm(row: Record<string, string>): Record<string, string> {
  const isPrice = new Set<string>(LEG_COLUMNS.filter(({ kind }) => kind === 'price').map(({ name }) => name))
  return Object.fromEntries(
    Object.entries(row).map(([name, text]) => [name, isPrice.has(name) && text !== '' ? String(Number(text)) : text]),
  )
}
