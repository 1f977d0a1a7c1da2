/// <reference lib="dom" />
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium, openPage } from '../build/browser.ts'
import { buildBundles } from '../build/bundles.js'
import { eventually } from '../core/testing/eventually.ts'
import { startForTest, testFolder } from './fixture.ts'
import { login } from './login.ts'
import { API_ADDRESS, EXCHANGE_ADDRESS } from './product.ts'
import { RECORDED_CHAIN } from './recorded-day.ts'

const BUDGET_MS = 120_000
const NIFTY = { INDICES: 'NIFTY', KITE_API_KEY: 'sim_key' }

let browser: Browser
const pages: Page[] = []

beforeAll(async () => {
  expect(buildBundles(process.execPath)).toBeNull()
  browser = await launchChromium()
}, 60_000)

afterEach(async () => {
  for (const page of pages.splice(0)) await page.context().close()
})

afterAll(() => browser?.close())

async function open(address: string) {
  const { page } = await openPage(browser, address)
  pages.push(page)
  return page
}

const chainShown = (page: Page) => page.locator('tr.atm td.ce.ltp .num:not(.missing)').waitFor()
const prices = async (page: Page) => (await page.locator('td.ltp .num').allInnerTexts()).join()
const badge = (page: Page) => page.getByTestId('link').innerText()

/** Makes the page believe that nobody sees it, or that somebody does again. */
const setHidden = (page: Page, hidden: boolean) =>
  page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value })
    document.dispatchEvent(new Event('visibilitychange'))
  }, hidden)

describe('a page that nobody sees', () => {
  it('follows health and alerts alone, and comes back without an empty moment', { timeout: BUDGET_MS }, async () => {
    const product = startForTest(['run'], testFolder(), { INDICES: 'NIFTY' })
    const page = await open(await product.waitFor(API_ADDRESS))
    await chainShown(page)
    const streams: string[] = []
    page.on('request', (request) => {
      const topics = new URL(request.url()).searchParams.get('topics')
      if (topics !== null) streams.push(topics)
    })
    await page.evaluate(() => {
      const root = document.querySelector('.app-page')
      const look = () => {
        if (document.querySelector('.waiting') !== null) document.body.dataset.emptied = 'yes'
      }
      if (root !== null) new MutationObserver(look).observe(root, { childList: true, subtree: true })
    })
    await setHidden(page, true)
    await eventually(() => expect(streams).toEqual(['health,alerts']))
    const before = await prices(page)
    const clock = await page.locator('.clock strong').innerText()
    const title = await page.title()
    await eventually(async () => expect(await page.locator('.clock strong').innerText()).not.toBe(clock))
    await eventually(async () => expect(await page.title()).not.toBe(title))
    expect(await prices(page)).toBe(before)
    await eventually(async () => expect(await badge(page)).toContain('Streaming'))

    await setHidden(page, false)
    await eventually(async () => expect(await prices(page)).not.toBe(before))
    expect(streams).toEqual(['health,alerts', 'chain:NIFTY:this_week,health,alerts'])
    expect(await page.locator('body').getAttribute('data-emptied')).toBeNull()
  })
})

describe('a page that was left', () => {
  it('comes back with view, index, expiry, columns and the chosen leg', { timeout: BUDGET_MS }, async () => {
    const product = startForTest(['run'], testFolder(), { INDICES: 'NIFTY,SENSEX' })
    const page = await open(await product.waitFor(API_ADDRESS))
    await chainShown(page)
    await page.keyboard.press('5')
    await chainShown(page)
    await page.keyboard.press('ArrowRight')
    await chainShown(page)
    for (const key of ['g', 'ArrowDown', 'PageDown', 'PageDown', 'p']) await page.keyboard.press(key)
    const seen = async () => ({
      tabs: await page
        .locator('[role=tab][aria-selected=true]')
        .evaluateAll((tabs) => tabs.map((tab) => tab.getAttribute('title'))),
      strike: await page.locator('tr.selected').getAttribute('data-strike'),
      heads: await page.locator('thead .names th').allInnerTexts(),
      symbol: await page.locator('.inspector strong').innerText(),
    })
    const before = await seen()
    expect(before.symbol).toMatch(/PE$/)
    await page.reload()
    await chainShown(page)
    await page.locator('tr.selected').waitFor()
    expect(await seen()).toEqual(before)
    const row = await page.locator('tr.selected').boundingBox()
    expect(row?.y).toBeGreaterThan(150)
    expect(row?.y).toBeLessThan(690)

    await page.keyboard.press('h')
    await page.getByText('Everything works').waitFor()
    await page.reload()
    await page.getByText('Everything works').waitFor()
  })
})

describe('a chain whose feed fails', () => {
  it('is hatched with the time that it stands at, its legs dim with age, and all is well after', {
    timeout: BUDGET_MS,
  }, async () => {
    // Four market seconds in one: 10 s without a packet of the chain, and 30 s without one of a leg, are soon over.
    const fault = 'after=12s disconnect; after=12s reject_upgrade 503 for 16s'
    const cwd = testFolder()
    const exchange = startForTest(['sim', 'serve', '--port', '0', '--speed', '4', '--fault', fault], cwd)
    const root = await exchange.waitFor(EXCHANGE_ADDRESS)
    writeFileSync(join(cwd, '.env'), `KITE_ACCESS_TOKEN=${await login(root)}\n`)
    const product = startForTest(['run'], cwd, { ...NIFTY, KITE_ROOT: root })
    const page = await open(await product.waitFor(API_ADDRESS))
    await chainShown(page)
    expect(await page.locator('.banner').innerText()).toContain('SIMULATED')
    expect(await page.locator('.chain-view').getAttribute('class')).toContain('live')

    await page.getByText(/Stale\. Prices as of \d\d:\d\d:\d\d IST/).waitFor()
    const hatch = await page.evaluate(() => {
      const body = document.querySelector('table.chain tbody')
      return body === null ? '' : getComputedStyle(body, '::after').backgroundImage
    })
    expect(hatch).toContain('repeating-linear-gradient')
    await eventually(async () => expect(await badge(page)).toMatch(/Degraded/))
    await page.locator('tr.atm td.ce.aged').first().waitFor()
    const [fresh, aged] = await page.evaluate(() => {
      const colour = (element: Element | null) => (element === null ? '' : getComputedStyle(element).color)
      return [colour(document.querySelector('tr.atm th')), colour(document.querySelector('tr.atm td.ce.aged.bid'))]
    })
    expect(aged).not.toBe('')
    expect(aged).not.toBe(fresh)

    await page.getByText('Stale.').waitFor({ state: 'detached' })
    await page.locator('tr.atm td.ce.aged').first().waitFor({ state: 'detached' })
    await eventually(async () => expect(await badge(page)).toContain('Streaming'))
  })
})

describe('a page without a chain', () => {
  it('says why, and what to do; the chain appears by itself', { timeout: BUDGET_MS }, async () => {
    const cwd = testFolder()
    const exchange = startForTest(['sim', 'serve', '--port', '0', '--fault', 'after=4s http html 502 for 14s'], cwd)
    const root = await exchange.waitFor(EXCHANGE_ADDRESS)
    writeFileSync(join(cwd, '.env'), `KITE_ACCESS_TOKEN=${await login(root)}\n`)
    await exchange.waitFor(/plays a fault/)
    const product = startForTest(['run'], cwd, { ...NIFTY, KITE_ROOT: root })
    const page = await open(await product.waitFor(API_ADDRESS))
    const waiting = page.locator('.waiting')
    await waiting.getByText('No chain of NIFTY yet').waitFor()
    expect(await waiting.innerText()).toMatch(
      /the list of instruments has not been read yet\.\n+The exchange publishes/,
    )
    await eventually(async () => expect(await badge(page)).toMatch(/Degraded/))
    await chainShown(page)
  })

  it('says of a market that is closed when its prices are from', { timeout: BUDGET_MS }, async () => {
    const product = startForTest(['run'], testFolder(), { INDICES: 'NIFTY', SIM_AT: '2026-11-23T15:39:52' })
    const page = await open(await product.waitFor(API_ADDRESS))
    await page.getByText(/Market closed\. Prices as of 15:\d\d:\d\d IST/).waitFor()
    expect(await page.locator('.phase').innerText()).toMatch(/^Closed[\s\S]*opens in/)
    expect(await page.locator('td.aged, td.old').count()).toBe(0)
  })
})

describe('a page of a recorded day', () => {
  it.skipIf(!existsSync(RECORDED_CHAIN))(
    'says that it is a replay, and of which day (needs ../shared/data)',
    { timeout: BUDGET_MS },
    async () => {
      const cwd = testFolder()
      const exchange = startForTest(['sim', 'serve', '--port', '0', '--recorded', RECORDED_CHAIN, '--speed', '60'], cwd)
      const root = await exchange.waitFor(EXCHANGE_ADDRESS)
      writeFileSync(join(cwd, '.env'), `KITE_ACCESS_TOKEN=${await login(root)}\n`)
      const product = startForTest(['run'], cwd, { ...NIFTY, KITE_ROOT: root })
      const page = await open(await product.waitFor(API_ADDRESS))
      await page.getByText('A recorded day, 18 Aug, is played again.').waitFor()
      expect(await page.locator('.banner').innerText()).toMatch(/^REPLAY/)
      await eventually(async () => expect(await page.title()).toMatch(/^REPLAY /))
    },
  )
})
