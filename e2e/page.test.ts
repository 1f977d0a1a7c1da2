import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { eventually } from '../core/testing/eventually.ts'
import { chainShown, pageSite } from './page-site.ts'
import { startOptrade, temporaryFolder } from './product.ts'

const site = pageSite()
const { open } = site

const texts = (page: Page, selector: string): Promise<string[]> => page.locator(selector).allInnerTexts()
const prices = async (page: Page): Promise<string> => (await texts(page, 'td.ltp .num')).join()
const strikesShown = async (page: Page) =>
  (await texts(page, 'tbody th .num')).map((text) => Number(text.replaceAll(',', '')))
const selectedTab = (page: Page, list: string) =>
  page.locator(`[role=tablist][aria-label="${list}"] [aria-selected=true]`).innerText()

describe('the page in a browser', () => {
  it('is there before anything else is, and what it asks waits for the answer', async () => {
    const folder = temporaryFolder()
    const product = startOptrade(['run'], folder.path)
    try {
      const address = await product.waitFor(/open (http:\S+) in a browser/)
      const replies = await Promise.all(
        ['/', '/health/live', '/health/ready'].map((path) => fetch(`${address}${path}`)),
      )
      expect(replies.map(({ status }) => status)).toEqual([200, 200, 200])
      expect(await replies[0]?.text()).toContain('<title>')
    } finally {
      await product.stop('SIGKILL')
      folder.remove()
    }
  })

  it('shows a live chain that moves, says that it is simulated, and breaks no rule of its policy', async () => {
    const { page, complaints } = await open()
    expect(await page.locator('.banner').innerText()).toContain('SIMULATED')
    const before = await prices(page)
    await eventually(async () => expect(await prices(page)).not.toBe(before))
    await page.locator('td.ltp[data-flash]').first().waitFor()
    await eventually(async () => expect(await page.getByTestId('link').innerText()).toMatch(/^Streaming\n+[1-9]/))
    const facts = await texts(page, '.header-strip .fact')
    expect(facts.map((fact) => fact.split('\n')[0])).toEqual(
      expect.arrayContaining(['Spot', 'Forward', 'ATM IV', 'Fwd straddle', 'PCR near/all', 'Max pain near/all', 'Lot']),
    )
    for (const fact of facts) expect(fact).toMatch(/\d/)
    expect(await page.locator('.clock').innerText()).toMatch(/\d\d:\d\d:\d\d IST/)
    expect(complaints).toEqual([])
  })

  it('mounts only the rows in view, around the ATM strike, and comes back to it', async () => {
    const { page } = await open()
    const rows = Number(await page.locator('table.chain').getAttribute('aria-rowcount'))
    expect(rows).toBeGreaterThan(60)
    expect((await strikesShown(page)).length).toBeLessThan(50)
    const isInView = () =>
      page.locator('tr.atm').evaluateAll(([row]) => {
        const box = row?.getBoundingClientRect()
        return box !== undefined && box.top > 200 && box.bottom < 680
      })
    expect(await isInView()).toBe(true)
    await page.getByTestId('chain-scroller').hover()
    await page.mouse.wheel(0, -5_000)
    await eventually(async () => expect(await isInView()).toBe(false))
    await page.keyboard.press('b')
    await eventually(async () => expect(await isInView()).toBe(true))
  })

  it('goes to other indices and expiries by the keyboard', async () => {
    const { page } = await open()
    const nifty = await strikesShown(page)
    await page.keyboard.press('5')
    await chainShown(page)
    expect(await selectedTab(page, 'Index')).toContain('SENSEX')
    expect(Math.min(...(await strikesShown(page)))).toBeGreaterThan(Math.max(...nifty))
    await page.keyboard.press('1')
    await chainShown(page)
    const first = await selectedTab(page, 'Expiry')
    await page.keyboard.press('ArrowRight')
    await chainShown(page)
    expect(await selectedTab(page, 'Expiry')).not.toBe(first)
    await page.keyboard.press('ArrowLeft')
    await eventually(async () => expect(await selectedTab(page, 'Expiry')).toBe(first))
  })

  it('comes back to the expiry that was chosen for an index, also after a restart', async () => {
    const { page } = await open()
    const nearest = await selectedTab(page, 'Expiry')
    const goTo = async (key: string, index: string) => {
      await page.keyboard.press(key)
      await eventually(async () => expect(await selectedTab(page, 'Index')).toContain(index))
      await chainShown(page)
    }
    // One without weeks between: its month says nothing about the week of the other.
    await goTo('2', 'BANKNIFTY')
    await goTo('1', 'NIFTY')
    expect(await selectedTab(page, 'Expiry')).toBe(nearest)
    await page.keyboard.press('ArrowRight')
    await eventually(async () => expect(await selectedTab(page, 'Expiry')).not.toBe(nearest))
    const chosen = await selectedTab(page, 'Expiry')
    await goTo('2', 'BANKNIFTY')
    await goTo('1', 'NIFTY')
    expect(await selectedTab(page, 'Expiry')).toBe(chosen)
    await page.reload()
    await chainShown(page)
    expect(await selectedTab(page, 'Expiry')).toBe(chosen)
  })

  it('shows Greeks, other columns and quantities, and remembers them', async () => {
    const { page } = await open()
    const heads = () => texts(page, 'thead th.pe')
    await page.keyboard.press('g')
    expect((await heads())[0]).toBe('Delta')
    await page.keyboard.press('c')
    await page.getByRole('button', { name: '+ Rho' }).click()
    await page.getByRole('button', { name: 'Hide Gamma' }).click()
    await page.keyboard.press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })
    expect(await heads()).toContain('Rho')
    expect(await heads()).not.toContain('Gamma')
    await page.getByRole('button', { name: 'Qty' }).click()
    await page.reload()
    await chainShown(page)
    expect(await heads()).toContain('Rho')
    expect(await page.locator('.strike-head').innerText()).toBe('in quantity')
  })

  it('freezes on Space, goes to a strike, shows where its numbers come from, and lists its keys', async () => {
    const { page } = await open()
    await page.keyboard.press('Space')
    await page.getByText('Frozen at').waitFor()
    const frozen = await prices(page)
    const clock = await page.locator('.clock strong').innerText()
    await eventually(async () => expect(await page.locator('.clock strong').innerText()).not.toBe(clock))
    expect(await prices(page)).toBe(frozen)
    await page.keyboard.press('Space')
    await eventually(async () => expect(await prices(page)).not.toBe(frozen))

    const strike = (await strikesShown(page)).at(-12) ?? 0
    await page.keyboard.press('/')
    // Typed into the field, these are no commands.
    await page.keyboard.type(String(strike))
    await page.keyboard.press('Enter')
    await page.locator(`tr.selected[data-strike="${strike}"]`).waitFor()
    expect(await page.getByTestId('inspector').innerText()).toContain(`${strike}CE`)
    expect(await page.getByTestId('inspector').innerText()).toMatch(/forward [\d,.]+ by parity/)
    await page.keyboard.press('?')
    expect(await page.getByRole('dialog').innerText()).toContain('back to the ATM strike')
  })

  it('shows the health of every component', async () => {
    const { page } = await open()
    await page.keyboard.press('h')
    await page.getByText('Everything works').waitFor()
    expect(await texts(page, '.health-view tbody th')).toEqual(
      expect.arrayContaining(['market', 'feed', 'journal', 'store']),
    )
    expect(await texts(page, '.facts dt')).toEqual(expect.arrayContaining(['Legs per second', 'Waiting for csv']))
    await page.keyboard.press('o')
    await chainShown(page)
  })
})

describe('the page of a monitor that goes', () => {
  it('says that it is offline and since when, and goes on when the monitor is back', { timeout: 60_000 }, async () => {
    const { page } = await open()
    const colour = (selector: string) => page.locator(selector).evaluate((part) => getComputedStyle(part).color)
    const live = await colour('.phase strong')
    expect(await site.stop()).toBe(0)
    await page.getByText(/Offline\. The monitor does not answer; prices as of \d\d:\d\d:\d\d IST/).waitFor()
    expect(await page.getByTestId('link').innerText()).toContain('Disconnected')
    // Nothing up there looks live.
    expect(await page.locator('.phase').innerText()).toMatch(/^Was open\s+at \d\d:\d\d:\d\d$/)
    const quiet = await colour('.phase strong')
    expect(quiet).not.toBe(live)
    expect(await colour('.clock strong')).toBe(quiet)
    expect(await colour('.index-tabs [aria-selected=true] .num')).toBe(quiet)
    const last = await prices(page)
    expect(last).toMatch(/\d/)
    await site.restart()
    await page.getByText('Offline.').waitFor({ state: 'detached' })
    await eventually(async () => expect(await prices(page)).not.toBe(last))
  })
})
