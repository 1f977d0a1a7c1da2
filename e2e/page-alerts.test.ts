/// <reference lib="dom" />
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium, openPage } from '../build/browser.ts'
import { buildBundles } from '../build/bundles.js'
import { type AlertsReport, alertsSchema } from '../core/contract/alerts.ts'
import { eventually } from '../core/testing/eventually.ts'
import { API_ADDRESS, type Running, readJson, startOptrade, temporaryFolder } from './product.ts'

let browser: Browser
let product: Running
let address = ''
const folder = temporaryFolder()
const pages: Page[] = []
/** What was posted to the webhook. */
const posted: string[] = []
const hook = createServer((request, response) => {
  let body = ''
  request.on('data', (part) => (body += String(part)))
  request.on('end', () => {
    posted.push(body)
    response.end()
  })
}).listen(0, '127.0.0.1')

/** Nobody reads mail for an address without a server. */
const settings = () => {
  const place = hook.address()
  const port = typeof place === 'object' ? place?.port : null
  return { ALERT_EMAIL_TO: 'trader@example.org', ALERT_WEBHOOK_URL: `http://127.0.0.1:${port}/hook` }
}

beforeAll(async () => {
  expect(buildBundles(process.execPath)).toBeNull()
  if (!hook.listening) await once(hook, 'listening')
  product = startOptrade(['run'], folder.path, settings())
  const launched = launchChromium()
  address = await product.waitFor(API_ADDRESS)
  browser = await launched
}, 60_000)

afterEach(async () => {
  for (const page of pages.splice(0)) await page.context().close()
})

afterAll(async () => {
  await browser?.close()
  await product?.stop('SIGKILL')
  hook.closeAllConnections()
  hook.close()
  folder.remove()
})

async function open() {
  const opened = await openPage(browser, address)
  pages.push(opened.page)
  await opened.page.locator('tr.atm td.ce.ltp .num:not(.missing)').waitFor()
  return opened
}

async function readAlerts(): Promise<AlertsReport> {
  return alertsSchema.parse(await readJson(`${address}/alerts`))
}

/** Presses Tab until the element that is named so has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press('Tab')
    // Between its last and its first element the keyboard is on none.
    const label = await page.evaluate(() => {
      const element = document.activeElement
      if (element === null || element === document.body) return ''
      const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : null
      return label ?? element.getAttribute('aria-label') ?? element.textContent ?? ''
    })
    if (label.trim() === name) return
  }
  throw new Error(`the keyboard does not reach ${name}`)
}

const badge = (page: Page) => page.locator('.rail-badge')
const notices = (page: Page) => page.getByTestId('alert-notice')

describe('alerts on the page', () => {
  it('are made by the keyboard, come, and are acknowledged', { timeout: 60_000 }, async () => {
    const { page, complaints } = await open()
    await page.keyboard.press('a')
    await page.getByText('Feed disconnected for 30 s').waitFor()
    expect(await page.locator('.rule').count()).toBe(3)

    await tabTo(page, 'New alert')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'New alert' })
    await dialog.waitFor()
    await tabTo(page, 'Threshold')
    await page.keyboard.type('abc')
    await page.keyboard.press('Enter')
    await dialog.getByText('A number, such as 24000.').waitFor()
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('1,000')
    await page.keyboard.press('Enter')
    await dialog.getByText(/^Spot is 2[\d,.]+ now: expected is a threshold from 2,[\d,.]+ to 2,[\d,.]+\./).waitFor()
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('3,000')
    await dialog.getByText('NIFTY spot above 3,000.00', { exact: true }).waitFor()
    expect(await dialog.locator('output').innerText()).toMatch(/^2\d,\d{3}\.\d\d$/)
    expect(await dialog.innerText()).toContain('SMTP_URL is not set')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })

    await notices(page).first().waitFor()
    expect(await notices(page).innerText()).toMatch(/SIMULATED: NIFTY spot 2[\d,]+\.\d\d is above 3,000\.00/)
    await page.locator('.rule.active', { hasText: 'NIFTY spot above 3,000.00' }).waitFor()
    await page.locator('.alert.open', { hasText: 'is above 3,000.00' }).waitFor()
    expect(await badge(page).innerText()).toMatch(/^1/)
    await eventually(async () => expect(await page.title()).toMatch(/^\(1\) SIM NIFTY/))

    await tabTo(page, 'Acknowledge NIFTY spot above 3,000.00')
    await page.keyboard.press('Enter')
    await page.getByText('✓ seen').waitFor()
    expect(await badge(page).count()).toBe(0)
    expect(await notices(page).count()).toBe(0)
    expect(complaints).toEqual([])
  })

  it('show on every page, lead to the history, and go away when they are told to', async () => {
    const { page } = await open()
    const rule = (await readAlerts()).rules.at(-1)
    if (rule === undefined) return expect.fail('the rule of the test before is there')
    const lift = (value: number) =>
      fetch(`${address}/alerts/rules/${rule.id}`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          channels: ['toast', 'webhook'],
          target: { ...rule.target, condition: { op: 'above', value } },
        }),
      })
    await lift(3_001)
    await lift(3_002)
    await eventually(async () => expect(await notices(page).count()).toBe(2))
    expect(await badge(page).innerText()).toMatch(/^2/)
    await page.getByRole('button', { name: 'Dismiss NIFTY spot' }).first().click()
    await eventually(async () => expect(await notices(page).count()).toBe(1))
    await page.locator('.alert-notice-text').click()
    await page.getByRole('region', { name: 'History' }).getByText('is above 3,002.00').waitFor()
    expect(await notices(page).count()).toBe(0)
    await page.getByRole('button', { name: 'Unacknowledged 2' }).click()
    expect(await page.locator('.alert').count()).toBe(2)
    await eventually(async () => expect(await page.getByText('Webhook ✓').count()).toBe(2))
    expect(posted.map((body) => JSON.parse(body).text)).toEqual([
      expect.stringMatching(/: SIMULATED: NIFTY spot .* is above 3,001\.00$/),
      expect.stringMatching(/: SIMULATED: NIFTY spot .* is above 3,002\.00$/),
    ])
    await page.getByRole('button', { name: 'Acknowledge all' }).click()
    await page.getByText('Everything is acknowledged.').waitFor()
  })

  it('begin at a leg of the chain, can be changed, switched off and deleted', async () => {
    const { page } = await open()
    await page.keyboard.press('ArrowDown')
    await page.getByTestId('inspector').getByRole('button', { name: 'Alert' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    expect(await dialog.getByLabel('Strike').inputValue()).toMatch(/^2\d{4}$/)
    await dialog.getByRole('button', { name: 'Take it' }).click()
    expect(await dialog.getByLabel('Threshold').inputValue()).toMatch(/^[\d.]+$/)
    await dialog.getByLabel('Threshold').fill('99999')
    await dialog.getByLabel('Name').fill('Far away')
    await dialog.getByRole('button', { name: 'Make the alert' }).click()
    const row = page.getByRole('listitem', { name: 'Far away' })
    await row.getByText('to go').waitFor()
    expect(await row.innerText()).toMatch(/NIFTY this week 2\d{4} CE LTP above ₹99,999\.00/)
    await row.getByRole('button', { name: 'Edit Far away' }).click()
    await dialog.getByLabel('Threshold').fill('88888')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await row.getByText('above ₹88,888.00').waitFor()
    await row.getByRole('switch').click()
    await row.getByText('switched off').waitFor()
    await row.getByRole('button', { name: 'Delete Far away' }).click()
    await row.getByRole('button', { name: 'Delete', exact: true }).click()
    await row.waitFor({ state: 'detached' })
    expect((await readAlerts()).rules).toHaveLength(4)
  })

  it('are still there after a restart, and do not come again', { timeout: 60_000 }, async () => {
    const before = await readAlerts()
    expect(await product.stop()).toBe(0)
    product = startOptrade(['run'], folder.path, { ...settings(), API_PORT: new URL(address).port })
    await product.waitFor(API_ADDRESS)
    const after = await eventually(async () => {
      const report = await readAlerts()
      expect(report.rules.at(-1)?.current).toBeGreaterThan(3_002)
      return report
    })
    expect(after.history).toEqual(before.history)
    expect(after.rules.map(({ id, active }) => [id, active])).toEqual(
      before.rules.map(({ id, active }) => [id, active]),
    )
    const { page } = await open()
    await page.keyboard.press('a')
    await page.locator('.rule.active', { hasText: 'NIFTY spot above 3,002.00' }).waitFor()
    expect(await page.locator('.alert').count()).toBe(3)
    expect(await badge(page).count()).toBe(0)
    expect((await readAlerts()).history).toEqual(before.history)
  })
})
