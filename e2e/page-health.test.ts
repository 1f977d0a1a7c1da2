import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium, openPage } from '../build/browser.ts'
import { buildBundles } from '../build/bundles.js'
import { coverageSchema, logSchema, readinessSchema } from '../core/contract/operations.ts'
import { eventually } from '../core/testing/eventually.ts'
import { API_ADDRESS, type Running, readHealth, readJson, startOptrade, temporaryFolder } from './product.ts'

let browser: Browser
let product: Running
let address = ''
let page: Page
let complaints: readonly string[] = []
const folder = temporaryFolder()

beforeAll(async () => {
  expect(buildBundles(process.execPath)).toBeNull()
  product = startOptrade(['run'], folder.path)
  const launched = launchChromium()
  address = await product.waitFor(API_ADDRESS)
  browser = await launched
  ;({ page, complaints } = await openPage(browser, address))
  await page.locator('tr.atm td.ce.ltp .num:not(.missing)').waitFor()
  await page.keyboard.press('h')
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await product?.stop('SIGKILL')
  folder.remove()
})

const coverage = async () => coverageSchema.parse(await readJson(`${address}/coverage/NIFTY`))
const button = (name: string) => page.getByRole('button', { name, exact: true })
const logged = () => page.locator('.log-line .message').allTextContents()

describe('the health page', () => {
  it('says in one line whether the session is recorded, and shows what stands behind it', async () => {
    const readiness = readinessSchema.parse(await readJson(`${address}/readiness`))
    expect(readiness).toMatchObject({ state: 'pass', sentence: "Today's session is being recorded." })
    await page.getByRole('heading', { name: readiness.sentence }).waitFor()
    expect(await page.getByTestId('readiness').count()).toBe(0)
    await page.getByRole('button', { name: /^Readiness: \d+ passed/ }).click()
    const items = await page.getByTestId('readiness').locator('li').allInnerTexts()
    expect(items).toHaveLength(readiness.items.length)
    expect(items.join('\n')).toMatch(/Instruments of today Read today at .+ of NFO, .+ of BFO/)
    await page.getByRole('button', { name: /Readiness/ }).click()
    await page.getByTestId('readiness').waitFor({ state: 'detached' })
  })

  it('draws the numbers of the last minutes, the whole session of each index, and facts about this computer', async () => {
    await eventually(async () => expect(await page.locator('.figures-row .line').count()).toBe(5))
    await page.locator('.gap-track').nth(4).waitFor()
    const tracks = await page.locator('.gap-track').allInnerTexts()
    expect(tracks).toHaveLength(5)
    for (const track of tracks) expect(track).toContain('100.0%')
    expect(await page.locator('.gap-axis').innerText()).toMatch(/09:15[\s\S]*15:40/)
    expect(await page.locator('section[aria-label="This computer"]').innerText()).toMatch(/Disk free\s+[\d.]+ [GT]B/)
    await page.getByRole('button', { name: 'The day before' }).click()
    await page.getByText('No session on this day.').waitFor()
    await page.getByRole('button', { name: 'The day before' }).click()
    await page.getByText('Nothing is on record for this day.').waitFor()
    await button('Today').click()
    await page.getByText(/^Nothing is missing since the record began at \d\d:\d\d:\d\d IST\.$/).waitFor()
  })

  it('pauses after a question, which stands in the record as a gap with that cause, and resumes', async () => {
    await button('Pause collecting …').click()
    const question = page.getByRole('dialog', { name: 'Pause collecting?' })
    expect(await question.innerText()).toContain('nothing is recorded')
    await question.getByRole('button', { name: 'Go on collecting' }).click()
    expect((await readHealth(address)).collecting).toEqual({ paused: false, since: null })

    await button('Pause collecting …').click()
    await question.getByRole('button', { name: 'Pause collecting' }).click()
    await page.locator('.collecting .paused').waitFor()
    const paused = await readHealth(address)
    expect(paused).toMatchObject({ status: 'healthy', collecting: { paused: true } })
    await eventually(async () => expect(await page.getByTestId('link').innerText()).toContain('Paused'))
    await page.getByRole('heading', { name: /^Collecting is paused/ }).waitFor()

    const piece = page.locator('.gap-track[data-index="NIFTY"] .piece.paused')
    await piece.waitFor()
    await piece.focus()
    expect(await page.locator('.told').innerText()).toMatch(
      /^All indices: \d\d:\d\d:\d\d to .+, paused by the user \(paused\)$/,
    )
    expect((await coverage()).gaps).toMatchObject([{ cause: 'paused', index: null, from: paused.collecting.since }])
    const { durable_legs: before } = (await readHealth(address)).record

    await button('Resume collecting').click()
    await eventually(async () => {
      const { record, collecting } = await readHealth(address)
      expect(collecting.paused).toBe(false)
      expect(record.durable_legs).toBeGreaterThan(before)
    }, 30_000)
    const whole = await coverage()
    expect(whole.gaps.map(({ cause }) => cause)).toContain('paused')
    expect(whole.coverage).toBeLessThan(1)
    await page.locator('.gap-list tbody tr', { hasText: 'Paused by the user' }).waitFor()
    await button('Pause collecting …').waitFor()
  })

  it('filters the log by level and text, opens a line, and exports what fits', async () => {
    const text = page.getByRole('searchbox', { name: 'Text in the log' })
    await eventually(async () => expect((await logged()).join()).toContain('watching'))
    await text.fill('COLLECTING')
    await eventually(async () =>
      expect(await logged()).toEqual([
        'collecting is paused: nothing is received until it is resumed',
        'collecting goes on',
      ]),
    )
    const line = page.locator('.log-line').first()
    await line.click()
    expect(await line.getAttribute('aria-expanded')).toBe('true')
    await page.getByText('Copy line').waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), button('Export as text').click()])
    expect(download.suggestedFilename()).toMatch(/^optrade-log-\d{4}-\d\d-\d\d\.txt$/)
    expect(readFileSync(await download.path(), 'utf8')).toMatch(
      /INFO +market collecting is paused.*\n.*collecting goes on\n$/,
    )
    await button('Error').click()
    await page.getByText('No line fits the level and the text.').waitFor()
    await text.fill('')
    await button('Info').click()
    await eventually(async () => expect((await logged()).length).toBeGreaterThan(5))
    const { lines } = logSchema.parse(await readJson(`${address}/log?level=INFO&text=ticker&limit=2`))
    expect(lines.map(({ service }) => service)).toEqual(['feed', 'feed'])
  })

  it('asks for nothing while nobody sees it', { timeout: 40_000 }, async () => {
    const uptime = async () => (await readHealth(address)).process.uptime_s
    await page.evaluate('Object.defineProperty(document, "hidden", { configurable: true, get: () => true })')
    await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))')
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    const since = await uptime()
    await eventually(async () => expect(await uptime()).toBeGreaterThan(since + 7), 30_000)
    expect(asked.filter((path) => /^\/(log|coverage|readiness)/.test(path))).toEqual([])
    await page.evaluate('Object.defineProperty(document, "hidden", { configurable: true, get: () => false })')
    await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))')
    await eventually(() => expect(asked).toEqual(expect.arrayContaining(['/log', '/coverage/NIFTY', '/readiness'])))
    expect(complaints).toEqual([])
  })

  it('says that it is offline, and keeps what it knew', async () => {
    expect(await product.stop()).toBe(0)
    await page.locator('.health-view .notice', { hasText: 'Offline.' }).waitFor()
    await page.getByRole('heading', { name: /The monitor does not answer/ }).waitFor()
    expect(await page.locator('.health-summary').getAttribute('class')).toContain('bad')
    expect(await button('Pause collecting …').count()).toBe(0)
    expect(await page.locator('.health-view section:nth-of-type(2) tbody tr').count()).toBeGreaterThan(3)
  })
})
