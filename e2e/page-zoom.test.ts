/// <reference lib="dom" />
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { eventually } from '../core/testing/eventually.ts'
import { chainShown, pageSite } from './page-site.ts'

/** The widest facts that a day has: an expiry day while the spot is frozen. */
const site = pageSite({ SIM_AT: '2026-12-01T15:16:00+05:30' })

const VIEWS = [
  ['o', 'Option chain'],
  ['k', 'Greeks'],
  ['r', 'Charts'],
  ['a', 'Alerts'],
  ['h', 'Health'],
  [',', 'Settings'],
] as const

/** Whatever is wider than its place: the page itself, and the lines that must be seen whole. */
const cut = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const lines = [...document.querySelectorAll('.top-bar, .phase strong, .toolbar, .header-strip, .inspector')]
    return [document.documentElement, ...lines]
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
      .map(({ className, scrollWidth, clientWidth }) => `${className || 'page'}: ${scrollWidth} in ${clientWidth}`)
  })

const heightOf = async (page: Page, selector: string): Promise<number> =>
  (await page.locator(selector).boundingBox())?.height ?? 0

describe('at 200 % or on the smallest usual screen the page', () => {
  it.each([
    [640, 360],
    [960, 540],
    [1280, 720],
  ])('is never wider than the window and cuts nothing, on any view, %i × %i', async (width, height) => {
    const { page } = await site.open()
    await page.setViewportSize({ width, height })
    await page.getByText('frozen').first().waitFor()
    const found: Record<string, readonly string[]> = {}
    for (const [key, name] of VIEWS) {
      await page.keyboard.press(key)
      await page.locator(`main[aria-label="${name}"]:not([aria-busy=true])`).waitFor()
      found[name] = await cut(page)
      for (const button of await page.locator('.rail button, .top-bar .icon').all()) {
        const { x, y, width: wide, height: high } = (await button.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
        const isWhole = high > 0 && y + high <= height && x + wide <= width
        expect([name, await button.getAttribute('title'), isWhole ? 'whole' : [x, y, wide, high]]).toContain('whole')
      }
    }
    expect(found).toEqual(Object.fromEntries(VIEWS.map(([, name]) => [name, []])))
  })

  it('has the money in its middle, when it becomes so small and after its key', async () => {
    const { page } = await site.open()
    await page.setViewportSize({ width: 640, height: 360 })
    const inTheMiddle = async () => {
      const row = await page.locator('tr.atm th').boundingBox()
      expect(row?.y).toBeGreaterThan(150)
      expect((row?.y ?? 999) + (row?.height ?? 0)).toBeLessThan(335)
      expect(row?.x).toBeGreaterThan(200)
      expect((row?.x ?? 999) + (row?.width ?? 0)).toBeLessThan(480)
    }
    await eventually(inTheMiddle)
    const aside = (left: number) =>
      page.getByTestId('chain-scroller').evaluate((element, to) => element.scrollTo({ left: to }), left)
    await aside(0)
    await page.setViewportSize({ width: 660, height: 360 })
    await eventually(async () => expect((await page.locator('tr.atm th').boundingBox())?.x).toBeGreaterThan(500))
    await page.keyboard.press('b')
    await eventually(inTheMiddle)
    await page.setViewportSize({ width: 1280, height: 720 })
    await page.keyboard.press('k')
    await page.locator('table.greeks tr.atm').waitFor()
    await page.setViewportSize({ width: 640, height: 360 })
    await eventually(async () => {
      const row = await page.locator('tr.atm th').boundingBox()
      const table = await page.locator('.greeks-scroller').boundingBox()
      expect(row?.y).toBeGreaterThan((table?.y ?? 999) + 50)
      expect((row?.y ?? 999) + (row?.height ?? 0)).toBeLessThan((table?.y ?? 0) + (table?.height ?? 0))
      expect(row?.x).toBeGreaterThan(200)
      expect((row?.x ?? 999) + (row?.width ?? 0)).toBeLessThan(480)
    })
  })

  it.each([
    ['o', 1280],
    ['o', 1440],
    ['k', 1280],
    ['k', 1440],
  ])('scrolls no table sideways that fits, and no mark lies on a strike: key %s, %i', async (key, width) => {
    const { page } = await site.open()
    await page.setViewportSize({ width, height: 720 })
    await page.keyboard.press(key)
    await page.locator('table.chain tr.atm').waitFor()
    const scroller = page.locator('.chain-scroller')
    expect(await scroller.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0)
    // One line, whatever is known of the leg.
    expect(await heightOf(page, '.inspector')).toBeLessThan(30)
    // All that can meet at one strike.
    const overlap = await page.locator('tr.atm th').evaluate((strike) => {
      const marks = strike.querySelector('.marks')
      const number = strike.querySelector('.num')
      if (marks === null || number === null) return null
      marks.innerHTML = ['R', 'S', 'MP'].map((mark) => `<abbr class="mark ${mark}">${mark}</abbr>`).join('')
      const last = marks.lastElementChild?.getBoundingClientRect().right ?? 0
      const edge = strike.querySelector('.atm-tag')?.getBoundingClientRect().left ?? 0
      const { left, right } = number.getBoundingClientRect()
      return Math.max(last - left, right - edge)
    })
    expect(overlap).toBeLessThanOrEqual(0)
  })

  it('leaves the chain its room beside the first steps', async () => {
    const { page } = await site.open('dark', 'first')
    await page.setViewportSize({ width: 640, height: 360 })
    await page.getByRole('region', { name: 'First steps' }).waitFor()
    await chainShown(page)
    const head = await heightOf(page, 'table.chain thead')
    const row = await heightOf(page, 'tr.atm')
    expect((await heightOf(page, '.chain-scroller')) - head).toBeGreaterThan(3 * row)
    expect(await cut(page)).toEqual([])
  })
})

describe('a long note beside the phase of the market', () => {
  const noted = pageSite({ SIM_AT: '2024-06-04T10:00:00+05:30' })

  it.each([
    [640, 360],
    [960, 540],
    [1280, 720],
    [1440, 900],
  ])('gives way to all that stands beside it, %i × %i', async (width, height) => {
    const { page } = await noted.open()
    await page.setViewportSize({ width, height })
    await page.locator('.phase.open[title*="holidays of 2024"]').waitFor()
    expect(await cut(page)).toEqual([])
    for (const part of await page.locator('.top-bar button, .top-bar .badge, .top-bar .clock, .phase').all()) {
      const { x, width: wide } = (await part.boundingBox()) ?? { x: -1, width: 0 }
      expect([await part.innerText(), wide > 0 && x >= 0 && x + wide <= width]).toContain(true)
    }
  })
})
