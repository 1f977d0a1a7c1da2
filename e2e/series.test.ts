import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { previousSmileSchema, SERIES_METRICS, type SeriesReport, seriesSchema } from '../core/contract/series.ts'
import { istDate } from '../core/domain/ist.ts'
import { eventually } from '../core/testing/eventually.ts'
import { PATIENCE_MS } from './fixture.ts'
import { login } from './login.ts'
import { API_ADDRESS, EXCHANGE_ADDRESS, type Running, readJson, startOptrade, temporaryFolder } from './product.ts'
import { journalGaps } from './recorded-gaps.ts'

/** A minute of the market in three seconds. */
const SPEED = '20'
const MINUTE_MS = 60_000
const clockSchema = z.object({ at: z.number() })

const folder = temporaryFolder()
const dataRoot = join(folder.path, 'data/sim')
let exchange: Running
let product: Running
let root = ''
let address = ''

/** Starts the product on the exchange, which has gone on meanwhile. */
async function run(): Promise<void> {
  writeFileSync(join(folder.path, '.env'), `KITE_ACCESS_TOKEN=${await login(root)}\n`)
  const settings = { INDICES: 'NIFTY,SENSEX', KITE_API_KEY: 'sim_key', KITE_ROOT: root }
  product = startOptrade(['run'], folder.path, settings)
  address = await product.waitFor(API_ADDRESS)
}

const marketNow = async () => clockSchema.parse(await readJson(`${root}/sim/clock`)).at

async function readSeries(query: string, index = 'NIFTY'): Promise<SeriesReport> {
  return seriesSchema.parse(await readJson(`${address}/analytics/${index}/series?${query}`))
}

/** Waits for so many points with a spot after an instant. */
function untilPoints(count: number, after = 0): Promise<SeriesReport> {
  return eventually(async () => {
    const series = await readSeries(`metric=${SERIES_METRICS.join(',')}`)
    const known = series.times.filter((time, k) => Date.parse(time) > after && series.values.spot?.[k] != null)
    expect(known.length).toBeGreaterThanOrEqual(count)
    return series
  }, PATIENCE_MS)
}

/** Every sample on record, read by SQLite alone. */
function storedSamples(date: string): unknown[] {
  const database = new Database(join(dataRoot, 'store', `${date}.db`), { readonly: true })
  const rows = database.prepare('SELECT * FROM analytics ORDER BY "index", expiry, ts').all()
  database.close()
  return rows
}

beforeAll(async () => {
  const args = ['sim', 'serve', '--port', '0', '--speed', SPEED, '--at', '2026-11-23T10:00:00']
  exchange = startOptrade(args, folder.path)
  root = await exchange.waitFor(EXCHANGE_ADDRESS)
  await run()
}, 60_000)

afterAll(async () => {
  await product?.stop('SIGKILL')
  await exchange?.stop('SIGKILL')
  folder.remove()
})

describe('series through the day', { timeout: 180_000 }, () => {
  it('grow while the market is open, for every metric and every listed bucket', async () => {
    const first = await untilPoints(3)
    expect(first).toMatchObject({ index: 'NIFTY', source: 'sim', scope: 'full', gaps: [] })
    const series = await untilPoints(first.times.length + 2)
    expect(series.times.slice(0, first.times.length)).toEqual(first.times)
    expect(series.values.spot?.slice(0, first.times.length)).toEqual(first.values.spot)
    for (const metric of SERIES_METRICS) {
      expect(series.values[metric]).toHaveLength(series.times.length)
      expect(series.values[metric]?.findLast((value) => value !== null)).toEqual(expect.any(Number))
    }
    expect(new Set(series.values.spot).size).toBeGreaterThan(1)
    expect(series.values.expected_move).toEqual(series.values.straddle)
    const [next, sensex] = [
      await readSeries('metric=atm_iv&bucket=next_month'),
      await readSeries('metric=spot', 'SENSEX'),
    ]
    for (const values of [next.values.atm_iv, sensex.values.spot]) expect(values?.length).toBeGreaterThan(0)
    expect(sensex.values.spot?.at(-1)).not.toBe(series.values.spot?.at(-1))
  })

  it('say of window and full chain what the live summary says', async () => {
    const summarySchema = z.object({
      window: z.object({ max_pain: z.number() }),
      full: z.object({ totals: z.object({ ce_oi: z.number() }) }),
    })
    await eventually(async () => {
      const { window, full } = summarySchema.parse(await readJson(`${address}/analytics/NIFTY/summary`))
      const recorded = await readSeries('metric=max_pain&scope=window')
      expect(recorded.values.max_pain?.at(-1)).toBe(window.max_pain)
      const interest = (await readSeries('metric=ce_oi')).values.ce_oi?.at(-1) ?? 0
      expect(interest / full.totals.ce_oi).toBeCloseTo(1, 1)
    }, PATIENCE_MS)
  })

  it('break where the product was stopped, with the gap and its cause', async () => {
    const before = await untilPoints(3)
    expect(await product.stop()).toBe(0)
    const stoppedAt = await marketNow()
    await eventually(async () => expect(await marketNow()).toBeGreaterThan(stoppedAt + 3 * MINUTE_MS), PATIENCE_MS)
    const startedAt = await marketNow()
    await run()
    const series = await untilPoints(2, startedAt)

    const kept = before.times.length
    expect(series.times.slice(0, kept)).toEqual(before.times)
    const within = series.times.flatMap((time, k) => {
      const at = Date.parse(time)
      return at > stoppedAt && at < startedAt ? [series.values.spot?.[k]] : []
    })
    expect(new Set(within)).not.toContain(expect.any(Number))
    const last = before.times.at(-1) ?? ''
    const breaks = series.times.filter((time, k) => time >= last && series.values.spot?.[k] === null)
    expect(breaks).toHaveLength(1)
    expect(Date.parse(breaks[0] ?? '')).toBeLessThan(startedAt)
    expect(series.gaps).toHaveLength(1)
    const [gap] = series.gaps
    expect(gap?.cause).toBe('app_stopped')
    expect(Date.parse(gap?.from ?? '')).toBeLessThanOrEqual(stoppedAt)
    expect(Date.parse(gap?.to ?? '')).toBeGreaterThanOrEqual(startedAt)
    expect(journalGaps(dataRoot).length).toBeGreaterThan(0)
  })

  it('are the same when the day store is built again from the journal', async () => {
    const { times } = await untilPoints(3)
    const date = istDate(Date.parse(times[0] ?? ''))
    expect(await product.stop()).toBe(0)
    const before = storedSamples(date)
    rmSync(join(dataRoot, 'store', `${date}.db`))
    await run()
    await untilPoints(times.length)
    expect(await product.stop()).toBe(0)
    const after = storedSamples(date)
    expect(before.length).toBeGreaterThan(10)
    const keys = new Set(before.map((row) => JSON.stringify(row)))
    expect(after.filter((row) => keys.has(JSON.stringify(row)))).toEqual(before)
    await run()
  })

  it('are refused with a sentence for what cannot be read, and know no earlier close yet', async () => {
    const problemSchema = z.object({ code: z.string(), status: z.number(), detail: z.string() })
    const refusal = async (query: string) =>
      problemSchema.parse(await readJson(`${address}/analytics/NIFTY/series?metric=spot&${query}`))
    expect(await refusal('from=soon')).toMatchObject({
      code: 'request_invalid',
      status: 400,
      detail: expect.stringMatching(/soon/),
    })
    expect(await refusal('from=2026-11-23T11:00&to=2026-11-23T10:00')).toMatchObject({ code: 'request_invalid' })
    expect(await refusal('from=2024-11-23T11:00')).toMatchObject({ detail: expect.stringMatching(/400 days/) })
    const smile = await eventually(
      async () =>
        previousSmileSchema.parse(await readJson(`${address}/analytics/NIFTY/previous-smile?bucket=next_month`)),
      PATIENCE_MS,
    )
    expect(smile).toMatchObject({ index: 'NIFTY', bucket: 'next_month', date: null, points: [] })
  })
})
