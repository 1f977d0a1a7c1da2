/// <reference lib="dom" />
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { eventually } from '../core/testing/eventually.ts'
import { findings, loadAxe } from './axe.ts'
import { chainShown, pageSite } from './page-site.ts'

const site = pageSite()
const open = async (scheme: 'dark' | 'light' = 'dark') => (await site.open(scheme)).page

/** Each view: its name in the rail, the key that leads there, what its main part is called. */
const VIEW_FACTS = {
  chain: { title: 'Chain', key: 'O', main: 'Option chain' },
  greeks: { title: 'Greeks', key: 'K', main: 'Greeks' },
  charts: { title: 'Charts', key: 'R', main: 'Charts' },
  alerts: { title: 'Alerts', key: 'A', main: 'Alerts' },
  health: { title: 'Health', key: 'H', main: 'Health' },
  settings: { title: 'Settings', key: ',', main: 'Settings' },
} as const
const VIEWS = ['chain', 'greeks', 'charts', 'alerts', 'health', 'settings'] as const

/** Waits until nothing on the page is being loaded. */
async function settled(page: Page): Promise<void> {
  await page.locator('main[aria-busy=true], main [aria-busy=true]').first().waitFor({ state: 'detached' })
}

/** The element that has the focus: what it is called, whether that can be seen; null on the page itself. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement
    if (!(element instanceof HTMLElement) || element === document.body) return null
    const { outlineStyle, outlineWidth } = getComputedStyle(element)
    const name = element.getAttribute('aria-label') ?? element.innerText
    return {
      name: name.trim(),
      seen: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1,
      html: element.outerHTML.slice(0, 120),
    }
  })

/** Presses Tab until the focus leaves the page; the names of what it met. */
async function walk(page: Page): Promise<string[]> {
  const names: string[] = []
  for (let steps = 0; steps < 80; steps += 1) {
    await page.keyboard.press('Tab')
    const at = await focused(page)
    if (at === null) return names
    expect(at).toEqual({ name: at.name, seen: true, html: at.html })
    expect(at.name).not.toBe('')
    names.push(at.name.split('\n')[0] ?? '')
  }
  throw new Error(`the focus never leaves: ${names.join(', ')}`)
}

const selectedTab = (page: Page, list: string) =>
  page.locator(`[role=tablist][aria-label="${list}"] [aria-selected=true]`).innerText()

describe('for everybody, the page', () => {
  it.each(['dark', 'light'] as const)(
    'has no serious finding of axe on any view or in any dialog, %s',
    async (scheme) => {
      const page = await open(scheme)
      await loadAxe(page)
      const found: Record<string, readonly string[]> = {}
      for (const view of VIEWS) {
        await page.keyboard.press(VIEW_FACTS[view].key)
        await page.locator(`main[aria-label="${VIEW_FACTS[view].main}"]`).waitFor({ state: 'attached' })
        await settled(page)
        found[view] = await findings(page)
      }
      await page.keyboard.press(VIEW_FACTS.chain.key)
      await chainShown(page)
      for (const key of ['?', 's', 'c', 'e']) {
        await page.keyboard.press(key)
        await page.locator('dialog[open]').waitFor()
        found[key] = await findings(page)
        await page.keyboard.press('Escape')
        await page.locator('dialog').waitFor({ state: 'detached' })
      }
      expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])))
    },
    120_000,
  )

  it('is walked through by Tab, with one stop for each list of tabs, and the focus is seen', async () => {
    const page = await open()
    const names = await walk(page)
    expect(names).toEqual([
      'NIFTY',
      'History',
      'Export',
      'Display',
      'Keys',
      ...VIEWS.map((view) => VIEW_FACTS[view].title),
      expect.stringMatching(/^\d+ \w{3}/),
      'Price',
      'Greeks',
      'Lots',
      'Qty',
      'Columns',
      'ATM',
      'Go to a strike',
      'Strikes',
    ])
    for (const view of VIEWS.filter((name) => name !== 'chain')) {
      await page.keyboard.press(VIEW_FACTS[view].key)
      await page.locator(`main[aria-label="${VIEW_FACTS[view].main}"]`).waitFor({ state: 'attached' })
      // From the top: the browser remembers where the focus was.
      await page.reload()
      await page.locator('.phase').waitFor()
      await settled(page)
      expect((await walk(page)).slice(0, 10)).toEqual(names.slice(0, 10))
    }
  }, 120_000)

  it('is used with the keyboard alone', async () => {
    const page = await open()
    const first = await selectedTab(page, 'Expiry')
    await page.keyboard.press('Tab')
    // Within tabs an arrow goes to the next tab, not to the next expiry.
    await page.keyboard.press('ArrowRight')
    expect(await selectedTab(page, 'Index')).toContain('BANKNIFTY')
    expect((await focused(page))?.name).toContain('BANKNIFTY')
    await page.keyboard.press('Home')
    await chainShown(page)
    expect(await selectedTab(page, 'Expiry')).toBe(first)

    for (let stop = 0; stop < 4; stop += 1) await page.keyboard.press('Tab')
    expect((await focused(page))?.name).toBe('Keys')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    // Nothing behind a dialog hears keys.
    await page.keyboard.press('h')
    await page.keyboard.press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })
    expect((await focused(page))?.name).toBe('Keys')
    expect(await page.locator('main').getAttribute('aria-label')).toBe(VIEW_FACTS.chain.main)

    await page.keyboard.press('/')
    await page.keyboard.type('hogs?')
    expect(await page.locator('main').getAttribute('aria-label')).toBe(VIEW_FACTS.chain.main)
    await page.keyboard.press('Escape')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('p')
    await eventually(async () => expect(await page.getByTestId('inspector').innerText()).toMatch(/^\w+PE\s/))
    expect(await page.locator('main p[aria-live=polite]').innerText()).toMatch(/^[\d.]+ put, last [\d,.]+, IV /)
    await page.keyboard.press('End')
    const last = await page.locator('tr.selected').getAttribute('aria-rowindex')
    expect(last).toBe(await page.locator('table.chain').getAttribute('aria-rowcount'))
  })

  it('keeps the focus where columns move', async () => {
    const page = await open()
    await page.keyboard.press('c')
    await page.getByRole('button', { name: 'Bid farther from the strike' }).focus()
    await page.keyboard.press('Enter')
    expect((await focused(page))?.name).toBe('Bid farther from the strike')
    await page.getByRole('button', { name: '+ Rho' }).focus()
    await page.keyboard.press('Enter')
    expect((await focused(page))?.name).toBe('Hide Rho')
    await page.keyboard.press('Enter')
    expect((await focused(page))?.name).toMatch(/^Hide /)
  })

  it('tells a screen reader of a table: its size, its rows and its headers', async () => {
    const page = await open()
    const session = await page.context().newCDPSession(page)
    const { nodes } = await session.send('Accessibility.getFullAXTree')
    const called = (role: string) =>
      nodes.filter((node) => node.role?.value === role && !node.ignored).map((node) => String(node.name?.value ?? ''))
    expect(called('table')).toContain('Option chain: calls left, strikes, puts right')
    expect(called('columnheader').filter((name) => name === 'LTP')).toHaveLength(2)
    expect(called('rowheader').some((name) => /[\d,]{5,}.*ATM/.test(name))).toBe(true)
    expect(called('row').length).toBeGreaterThan(20)
    expect(called('cell').length).toBeGreaterThan(300)
    const indices = await page.locator('tbody tr').evaluateAll((rows) => rows.map((row) => Number(row.ariaRowIndex)))
    expect(indices).toEqual([...indices].sort((a, b) => a - b))
    expect(indices[0]).toBeGreaterThanOrEqual(3)
  })

  it('does not flash for those who want no motion', async () => {
    const page = await open()
    await page.locator('td.ltp[data-flash]').first().waitFor()
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.locator('td.ltp[data-flash]').first().waitFor({ state: 'detached' })
    const moved = () => page.locator('td.ltp .num').allInnerTexts()
    const before = await moved()
    await eventually(async () => {
      expect(await page.locator('td.ltp[data-flash]').count()).toBe(0)
      expect(await moved()).not.toEqual(before)
    })
  })
})
