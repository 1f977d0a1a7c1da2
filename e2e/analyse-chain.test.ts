import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { chainAnalysisSchema } from '../core/contract/api-schema.ts'
import { startOptrade, temporaryFolder } from './product.ts'

const FOLDER = join(import.meta.dirname, '../../shared/data/nse-chain')
const V3_FILE = join(FOLDER, 'nifty_v3_2026-07-10T1530_exp2026-07-14.json')
const JULY_17 = join(FOLDER, 'nifty_2025-07-17T1530.json.gz')
const JULY_16 = join(FOLDER, 'nifty_2025-07-16T1530.json.gz')
const without = existsSync(FOLDER) ? '' : ' (skipped: ../shared/data is absent)'

const folder = temporaryFolder()
afterAll(() => folder.remove())

async function analyse(...args: readonly string[]) {
  const run = startOptrade(['analyse', 'chain', ...args], folder.path)
  return { status: await run.ended, text: run.output() }
}

async function analysisOf(...args: readonly string[]) {
  const { status, text } = await analyse(...args, '--json')
  expect({ status, text: status === 0 ? '' : text }).toEqual({ status: 0, text: '' })
  return chainAnalysisSchema.parse(JSON.parse(text))
}

const published = z.object({
  data: z.array(z.record(z.string(), z.unknown())),
})
const publishedLeg = z.object({ strikePrice: z.number(), impliedVolatility: z.number(), totalTradedVolume: z.number() })

/** Traded contracts with an IV, read without the product's reader. */
function publishedIvs(): Map<string, number> {
  const rows = published.parse(JSON.parse(readFileSync(V3_FILE, 'utf8'))).data
  const legs = rows.flatMap((row) =>
    (['CE', 'PE'] as const).map((right) => ({ right, ...publishedLeg.parse(row[right]) })),
  )
  const traded = legs.filter((leg) => leg.totalTradedVolume > 0 && leg.impliedVolatility > 0)
  return new Map(traded.map((leg) => [`${leg.strikePrice} ${leg.right}`, leg.impliedVolatility]))
}

describe(`analyse chain against NSE${without}`, () => {
  it.skipIf(without !== '')('reproduces every published IV by the convention of NSE', async () => {
    const expected = publishedIvs()
    const { legs, ...head } = await analysisOf(V3_FILE, '--convention', 'nse')
    expect(head).toMatchObject({ index: 'NIFTY', expiry: '2026-07-14', convention: 'nse', rate: 0.1, oi_unit: 'lots' })
    expect(head.as_of).toBe('2026-07-10T15:30:00.000+05:30')
    const found = new Map(legs.map((leg) => [`${leg.strike} ${leg.right}`, leg.iv]))
    const misses = [...expected].map(([key, iv]) => Math.abs(100 * (found.get(key) ?? Number.NaN) - iv))
    expect(misses).toHaveLength(142)
    expect(misses.filter((miss) => miss < 0.011)).toHaveLength(142)
  })

  it.skipIf(without !== '')('has an IV for both sides of every liquid strike by our own', async () => {
    const { legs, forward, smile } = await analysisOf(V3_FILE)
    expect(forward).toMatchObject({ method: 'parity', pairs: 8 })
    expect(forward.residual).toBeLessThan(1)
    expect(smile?.residual).toBeLessThan(0.005)
    const near = legs.filter(({ strike }) => Math.abs(strike - 24_200) <= 1_500)
    for (const { iv_status, iv } of near) {
      expect(iv_status).toBe('ok')
      expect(iv).toBeGreaterThan(0.08)
      expect(iv).toBeLessThan(0.35)
    }
  })

  it.skipIf(without !== '')('sums to the totals of the exchange, and to its PCR', async () => {
    const nearest = await analysisOf(JULY_17)
    expect(nearest.expiry).toBe('2025-07-17')
    expect(nearest.totals).toEqual({
      ce_oi: 2_408_499,
      pe_oi: 1_596_250,
      ce_volume: 103_075_215,
      pe_volume: 105_037_894,
    })
    expect(nearest.pcr_oi).toBe(1_596_250 / 2_408_499)
    const next = await analysisOf(JULY_16, '--expiry', '2025-07-24', '--lot-size', '75')
    expect(next).toMatchObject({ expiry: '2025-07-24', oi_unit: 'units' })
    expect((next.totals.ce_oi ?? 0) % 75).toBe(0)
  })

  it.skipIf(without !== '')('is a table for people', async () => {
    const { status, text } = await analyse(V3_FILE)
    expect(status).toBe(0)
    expect(text).toContain('NIFTY  expiry 2026-07-14  as of 2026-07-10 15:30:00 IST')
    expect(text).toMatch(/│ {3}24,200 │/)
  })

  it.skipIf(without !== '')('says which expiries there are when it has not the one that is wanted', async () => {
    const { status, text } = await analyse(V3_FILE, '--expiry', '2026-07-21')
    expect(status).toBe(2)
    expect(text).toContain('it has 2026-07-14')
  })
})

describe('analyse chain, used wrongly', () => {
  it.each([
    [['--convention', 'sgx', 'x'], 2],
    [['--expiry', 'tomorrow', 'x'], 2],
    [['--at', 'noon', 'x'], 2],
    [[], 2],
    [['absent.json'], 1],
  ] as const)('%j ends with %i', async (args, expected) => {
    const { status, text } = await analyse(...args)
    expect(status).toBe(expected)
    expect(text).not.toContain('    at ')
  })

  it('tells what is wrong with a file in one line', async () => {
    writeFileSync(join(folder.path, 'torn.json'), '{"records": {"data": [')
    const { status, text } = await analyse('torn.json')
    expect(status).toBe(1)
    expect(text).toContain('no option chain can be read from torn.json')
  })
})
