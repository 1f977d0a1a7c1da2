import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { eventually } from '../core/testing/eventually.ts'
import { chainShown, pageSite } from './page-site.ts'

const site = pageSite()
const hashOf = (page: Page) => new URL(page.url()).hash
const main = (page: Page) => page.locator('main').getAttribute('aria-label')
const selected = (page: Page, list: string) =>
  page.locator(`[role=tablist][aria-label="${list}"] [aria-selected=true]`).innerText()

async function expectPlace(page: Page, hash: string, view: string, index: string): Promise<void> {
  await eventually(async () => {
    expect([hashOf(page), await main(page)]).toEqual([hash, view])
    expect(await selected(page, 'Index')).toContain(index)
  })
}

describe('the address of the page', () => {
  it('follows what is shown, and Back and Forward lead along it', { timeout: 60_000 }, async () => {
    const { page } = await site.open()
    await expectPlace(page, '#/chain/NIFTY/this_week', 'Option chain', 'NIFTY')
    await page.keyboard.press('ArrowRight')
    await expectPlace(page, '#/chain/NIFTY/next_week', 'Option chain', 'NIFTY')
    await page.keyboard.press('r')
    await expectPlace(page, '#/charts/NIFTY/next_week', 'Charts', 'NIFTY')
    await page.keyboard.press('5')
    await expectPlace(page, '#/charts/SENSEX/this_week', 'Charts', 'SENSEX')

    await page.goBack()
    await expectPlace(page, '#/charts/NIFTY/next_week', 'Charts', 'NIFTY')
    await page.goBack()
    await page.goBack()
    await expectPlace(page, '#/chain/NIFTY/this_week', 'Option chain', 'NIFTY')
    await chainShown(page)
    await page.goForward()
    await expectPlace(page, '#/chain/NIFTY/next_week', 'Option chain', 'NIFTY')
  })

  it('opens its view and its chain in another window', { timeout: 60_000 }, async () => {
    const { page } = await site.open()
    const { origin } = new URL(page.url())
    const other = await page.context().newPage()
    await other.goto(`${origin}/#/greeks/SENSEX/next_month`)
    await expectPlace(other, '#/greeks/SENSEX/next_month', 'Greeks', 'SENSEX')
    await eventually(async () => expect(await selected(other, 'Expiry')).toContain('NM'))
    // An expiry that is not listed gives its place to the nearest one, and Back does not lead to it.
    await other.goto(`${origin}/#/chain/BANKNIFTY/this_week`)
    await expectPlace(other, '#/chain/BANKNIFTY/this_month', 'Option chain', 'BANKNIFTY')
    await other.goBack()
    await expectPlace(other, '#/greeks/SENSEX/next_month', 'Greeks', 'SENSEX')
    await other.goto(`${origin}/#/nowhere`)
    await expectPlace(other, '#/greeks/SENSEX/next_month', 'Greeks', 'SENSEX')
  })
})
