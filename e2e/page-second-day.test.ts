import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium, openPage } from '../build/browser.ts'
import { buildBundles } from '../build/bundles.js'
import { eventually } from '../core/testing/eventually.ts'
import { PATIENCE_MS } from './fixture.ts'
import { API_ADDRESS, type Running, readHealth, startOptrade, temporaryFolder } from './product.ts'

/** The end of a Wednesday, recorded to its close, and the Thursday after it; the weekly expiry is that of 1 December. */
const FIRST = { INDICES: 'NIFTY', SIM_AT: '2026-11-25T15:00', SIM_SPEED: '120' }
const SECOND = { INDICES: 'NIFTY', SIM_AT: '2026-11-26T10:30', SIM_SPEED: '20' }

const folder = temporaryFolder()
let browser: Browser
let product: Running
let page: Page
let complaints: readonly string[] = []
let address = ''

beforeAll(async () => {
  expect(buildBundles(process.execPath)).toBeNull()
  const launched = launchChromium()
  product = startOptrade(['run'], folder.path, FIRST)
  const first = await product.waitFor(API_ADDRESS)
  await eventually(async () => {
    const { market, record } = await readHealth(first)
    expect([market.phase, record.durable_legs > 0]).toEqual(['closed', true])
  }, 2 * PATIENCE_MS)
  await product.stop()
  product = startOptrade(['run'], folder.path, SECOND)
  address = await product.waitFor(API_ADDRESS)
  browser = await launched
  const opened = await openPage(browser, address)
  page = opened.page
  complaints = opened.complaints
  await page.locator('tr.atm td.ce.ltp .num:not(.missing)').waitFor()
}, 240_000)

afterAll(async () => {
  await browser?.close()
  await product?.stop('SIGKILL')
  folder.remove()
})

const setPaused = (paused: boolean) =>
  fetch(`${address}/collecting`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ paused }),
  })
const marketTime = async () => Date.parse((await readHealth(address)).market.time)

const card = (id: string) => page.locator(`[data-chart="${id}"]`)

/** The table behind a chart: its head and its rows. */
async function tableOf(id: string): Promise<{ readonly head: string; readonly rows: readonly string[][] }> {
  await card(id).scrollIntoViewIfNeeded()
  const waiting = page.waitForEvent('download')
  await card(id)
    .getByRole('button', { name: /as CSV$/ })
    .click()
  const [head = '', ...rows] = (await readFile(await (await waiting).path(), 'utf8')).trimEnd().split('\n')
  return { head, rows: rows.map((row) => row.split(',')) }
}

const known = (rows: readonly string[][], column: number) => rows.filter((row) => (row[column] ?? '') !== '').length

describe('on the second recorded day', { timeout: 120_000 }, () => {
  it('the chain has the change of open interest since the close, and what that says of each leg', async () => {
    await eventually(async () => {
      const changes = await page.locator('tr.atm td.oi_change:not(.missing)').allInnerTexts()
      expect(changes).toHaveLength(2)
      for (const change of changes) expect(change).toMatch(/^[+−]?[\d.]+[KLCr]*$/)
    }, PATIENCE_MS)
    await page.keyboard.press('g')
    await page.locator('td.build_up:not(.missing)').first().waitFor()
    await page.keyboard.press('g')
  })

  it('charts have that change, the smile of the close and its IV', async () => {
    await page.keyboard.press('r')
    await eventually(async () => expect(known((await tableOf('oi-change')).rows, 1)).toBeGreaterThanOrEqual(5), 30_000)
    await card('iv-smile').getByText('Previous close 25 Nov').waitFor()
    const smile = await tableOf('iv-smile')
    const column = smile.head.split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/).findIndex((name) => name.includes('revious close'))
    expect(known(smile.rows, column)).toBeGreaterThan(20)
    await card('iv-history').scrollIntoViewIfNeeded()
    await card('iv-history')
      .getByText(/of 1 recorded close \(percentile\)/)
      .waitFor()
    const history = await tableOf('iv-history')
    expect(history.rows).toEqual([['2026-11-25', expect.stringMatching(/^\d+\.\d+/)]])
  })

  it('the band of a gap says its cause', async () => {
    await setPaused(true)
    const pausedAt = await marketTime()
    await eventually(async () => expect((await marketTime()) - pausedAt).toBeGreaterThan(180_000), PATIENCE_MS)
    await setPaused(false)
    await card('straddle-spot').scrollIntoViewIfNeeded()
    await card('straddle-spot').locator('svg').getByText('paused', { exact: true }).waitFor()
    expect(await card('straddle-spot').getByText('no data').count()).toBe(0)
  })

  it('the day before can be looked at', async () => {
    const day = card('straddle-spot')
    await page.getByRole('group', { name: 'Charts of the day' }).getByRole('button', { name: 'The day before' }).click()
    await page.getByText(/Lines through the day are of 25 Nov 2026/).waitFor()
    await day.getByText('25 Nov', { exact: false }).first().waitFor()
    await eventually(async () => {
      const { rows } = await tableOf('straddle-spot')
      expect(rows.length).toBeGreaterThanOrEqual(3)
      for (const [time] of rows) expect(time).toMatch(/^25 Nov|2026-11-25/)
    }, 30_000)
    await page.getByRole('button', { name: 'Today' }).click()
    await page.getByText(/Lines through the day are of/).waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
  })
})
