import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { istInstant } from '../domain/ist.ts'
import { eventually } from '../testing/eventually.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { calendar } from '../testing/market-builder.ts'
import { createDiskForecast, type DiskForecast } from './disk-forecast.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const SESSION_MINUTES = 385

async function createRig(days: string[], time = '10:00') {
  const folder = await mkdtemp(join(tmpdir(), 'optrade-forecast-'))
  closing.push(() => rm(folder, { recursive: true, force: true }))
  const put = async (path: string, bytes: number) => {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), new Uint8Array(bytes))
  }
  const clock = createFakeClock(istInstant('2026-11-23', time))
  const begin = async (): Promise<DiskForecast> => {
    const forecast = createDiskForecast({ clock, calendar, days: () => days, epoch: () => 2, folder })
    await forecast.start()
    closing.push(() => forecast.stop())
    return forecast
  }
  return { put, clock, begin }
}

it('knows nothing in a new folder, until a few minutes are recorded', async () => {
  const { put, clock, begin } = await createRig(['2026-11-23'])
  const forecast = await begin()
  expect([forecast.bytesPerDay(), forecast.daysLeft(1e9)]).toEqual([null, null])
  await put('journal/2/000000000001.log', 3_000)
  await put('store/2026-11-23.db', 5_000)
  await put('store/2026-11-23.db-wal', 900_000)
  await put('legs/2026-11-23/NIFTY.csv', 2_000)
  clock.advance(5 * 60_000)
  await eventually(() => expect(forecast.bytesPerDay()).toBeCloseTo(2_000 * SESSION_MINUTES, 6))
  expect(forecast.daysLeft(7_700_000)).toBeCloseTo(10, 6)
  expect(forecast.daysLeft(null)).toBeNull()
})

it('takes what was there before for no work of this run', async () => {
  const { put, clock, begin } = await createRig(['2026-11-23'])
  await put('journal/2/000000000001.log', 1_000_000)
  await put('legs/2026-11-23/NIFTY.csv', 1_000_000)
  const forecast = await begin()
  await put('legs/2026-11-23/BANKNIFTY.csv', 5_000)
  clock.advance(5 * 60_000)
  await eventually(() => expect(forecast.bytesPerDay()).toBeCloseTo(1_000 * SESSION_MINUTES, 6))
})

it('counts only time in which options trade', async () => {
  const { put, clock, begin } = await createRig(['2026-11-23'], '09:05')
  const forecast = await begin()
  await put('legs/2026-11-23/NIFTY.csv', 5_000)
  clock.advance(15 * 60_000)
  await eventually(() => expect(forecast.bytesPerDay()).toBeCloseTo(1_000 * SESSION_MINUTES, 6))
})

it('goes by the largest of the last days, with its share of the journal', async () => {
  const days = ['2026-11-16', '2026-11-17', '2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21', '2026-11-23']
  const { put, begin } = await createRig(days)
  await put('store/2026-11-16.db', 900_000)
  for (const date of days.slice(1, 5)) await put(`store/${date}.db`, 10_000)
  await put('store/2026-11-20.db', 20_000)
  await put('legs/2026-11-20/NIFTY.csv', 40_000)
  await put('store/2026-11-23.db', 800_000)
  await put('journal/1/000000000001.log', 495_000)
  const forecast = await begin()
  // 990,000 in the days before, and half as much in the journal.
  expect(forecast.bytesPerDay()).toBeCloseTo(60_000 * 1.5, 6)
})
