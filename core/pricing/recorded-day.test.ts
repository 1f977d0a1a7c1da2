import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createCalendar } from '../domain/calendar.ts'
import { CALENDAR_DATA } from '../domain/calendar-data.ts'
import type { ChainSnapshot, SnapshotLeg } from '../domain/chain-snapshot.ts'
import { istInstant } from '../domain/ist.ts'
import { analyseChain, type ChainAnalysis } from './analyse-chain.ts'

const FILE = join(import.meta.dirname, '../../../shared/data/nse-nifty-chain-1min/nifty_chain_2026-08-18.csv.gz')
const without = existsSync(FILE) ? '' : ' (skipped: ../shared/data is absent)'
const EXPIRY = '2026-08-18'

const rowSchema = z.object({
  ts: z.string(),
  expiry: z.string(),
  strike: z.coerce.number(),
  type: z.enum(['CE', 'PE']),
  spot: z.coerce.number(),
  ltp: z.coerce.number(),
  volume_lots: z.coerce.number(),
  oi_lots: z.coerce.number(),
  oi_chg_lots: z.coerce.number(),
})

/** Every minute of the day that the chain's nearest contracts expired. */
function readMinutes(): ChainSnapshot[] {
  const lines: unknown[] = parse(gunzipSync(readFileSync(FILE)), {
    columns: true,
    on_record: (record: { expiry: string }) => (record.expiry === EXPIRY ? record : null),
  })
  const minutes = new Map<string, { spot: number; legs: SnapshotLeg[] }>()
  for (const line of lines) {
    const row = rowSchema.parse(line)
    const minute = minutes.get(row.ts) ?? { spot: row.spot, legs: [] }
    minutes.set(row.ts, minute)
    minute.legs.push({
      expiry: row.expiry,
      strike: row.strike,
      right: row.type,
      last: row.ltp,
      bid: null,
      ask: null,
      volume: row.volume_lots,
      oi: row.oi_lots,
      oiChange: row.oi_chg_lots,
      priceChange: null,
      publishedIv: null,
      quotedAt: null,
    })
  }
  return [...minutes].map(([ts, { spot, legs }]) => ({
    index: 'NIFTY',
    asOf: Date.parse(ts),
    spot,
    scope: 'full',
    oiUnit: 'lots',
    legs,
  }))
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

/** Every number in it, however deep. */
function numbersOf(value: unknown): number[] {
  if (typeof value === 'number') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersOf) : []
}

function expectSound(leg: ChainAnalysis['legs'][number]): void {
  const { iv, delta, gamma, vega, price } = leg
  if (leg.iv_status !== 'ok') {
    expect([iv, delta, gamma, leg.theta, vega, leg.rho]).toEqual([null, null, null, null, null, null])
    return
  }
  expect(price).toBeGreaterThan(0)
  expect(iv).toBeGreaterThan(0)
  expect(gamma).toBeGreaterThanOrEqual(0)
  expect(vega).toBeGreaterThanOrEqual(0)
  const size = leg.right === 'CE' ? delta : -(delta ?? Number.NaN)
  expect(size).toBeGreaterThanOrEqual(0)
  expect(size).toBeLessThanOrEqual(1)
}

describe(`the expiry day of 18 August 2026${without}`, () => {
  it.skipIf(without !== '')('is sound in every minute, to the last', () => {
    const settlementAt = createCalendar(CALENDAR_DATA).settlementFixAt(EXPIRY)
    const days = readMinutes().map((minute) => ({
      minute,
      analysis: analyseChain(minute, { convention: 'market', expiry: EXPIRY, rate: 0.065, settlementAt }),
    }))
    expect(days.length).toBeGreaterThan(200)
    for (const { analysis } of days) {
      for (const number of numbersOf(analysis)) expect(Number.isFinite(number)).toBe(true)
      for (const leg of analysis.legs) expectSound(leg)
      expect(analysis.forward.method).toBe('parity')
      expect(analysis.forward.residual).toBeLessThan(2)
      expect(analysis.smile?.residual).toBeLessThan(0.03)
    }
    expect(median(days.map(({ analysis }) => analysis.forward.residual ?? Number.NaN))).toBeLessThan(0.25)

    const lastHour = days.filter(({ minute }) => minute.asOf >= istInstant(EXPIRY, '14:30'))
    const straddles = lastHour.map(({ analysis }) => analysis.atm.straddle ?? Number.NaN)
    expect(new Set(lastHour.map(({ analysis }) => analysis.atm.iv)).size).toBe(lastHour.length)
    expect(straddles.at(-1)).toBeLessThan(0.75 * (straddles[0] ?? Number.NaN))

    const frozen = days.filter(
      ({ minute }) => minute.asOf >= istInstant(EXPIRY, '15:17') && minute.asOf <= istInstant(EXPIRY, '15:29'),
    )
    expect(new Set(frozen.map(({ minute }) => minute.spot)).size).toBe(1)
    expect(new Set(frozen.map(({ analysis }) => analysis.forward.value)).size).toBe(frozen.length)
  })
})
