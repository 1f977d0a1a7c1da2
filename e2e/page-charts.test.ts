/// <reference lib="dom" />
import type { Download, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { eventually } from '../core/testing/eventually.ts'
import { pageSite } from './page-site.ts'

const site = pageSite({ INDICES: 'NIFTY,SENSEX', SIM_SPEED: '20', SIM_AT: '2026-11-23T13:40' })

/** A page of the product on the view that a key leads to. */
async function open(key: string) {
  const opened = await site.open()
  await opened.page.keyboard.press(key)
  return opened
}

const card = (page: Page, id: string) => page.locator(`[data-chart="${id}"]`)

/** How much a card has drawn: numbers in the paths of its marks, and lines of its own. */
const drawn = (page: Page, id: string): Promise<number> =>
  card(page, id)
    .locator('.chart-plot svg')
    .first()
    .evaluate((svg) => {
      const paths = [...svg.querySelectorAll('.recharts-line path, .bulk-marks, .recharts-reference-line line')]
      const numbers = paths.map((path) => path.getAttribute('d')?.match(/-?\d+\.?\d*/g)?.length ?? 2)
      return numbers.reduce((sum, count) => sum + count, 0)
    })

/** Headlines that end in an ellipsis, and texts that reach beyond their plot. */
const cutTexts = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const headlines = [...document.querySelectorAll('.chart-card .headline')]
    const texts = [...document.querySelectorAll('.chart-plot svg text, .move-scale svg text')]
    const isBeyond = (text: Element) => {
      const plot = text.closest('.chart-plot, .move-scale')?.getBoundingClientRect()
      const { left, right } = text.getBoundingClientRect()
      return plot === undefined || left < plot.left - 1 || right > plot.right + 1
    }
    const cut = [
      ...headlines.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth),
      ...texts.filter(isBeyond),
    ]
    return cut.map(({ textContent }) => textContent)
  })

async function textOf(download: Download): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of await download.createReadStream()) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}

async function exported(page: Page, button: string) {
  const waiting = page.waitForEvent('download')
  await page.getByRole('button', { name: button }).click()
  const download = await waiting
  return { name: download.suggestedFilename(), content: await textOf(download) }
}

describe('the charts of a chain and its day', () => {
  it('draw something each, say it in a sentence, and break no rule of the policy', { timeout: 60_000 }, async () => {
    const { page, complaints } = await open('r')
    // Series of the record need some steps of it; the change of OI a close before, which this market has not seen.
    const ids = ['iv-smile', 'open-interest', 'gex', 'term-structure', 'straddle-spot', 'pcr-max-pain', 'iv-skew']
    for (const id of ids) {
      await card(page, id).scrollIntoViewIfNeeded()
      await eventually(async () => expect(await drawn(page, id), id).toBeGreaterThan(4), 20_000)
      const about = await card(page, id).locator('.chart-plot svg[role=img]').first().getAttribute('aria-label')
      expect(about, id).toMatch(/NIFTY.*\d/)
    }
    expect(await cutTexts(page)).toEqual([])
    expect(await drawn(page, 'iv-smile')).toBeGreaterThan(40)
    expect(await drawn(page, 'open-interest')).toBeGreaterThan(100)
    for (const id of ['oi-change', 'iv-history']) {
      await card(page, id).scrollIntoViewIfNeeded()
      await eventually(async () => {
        const absence = await card(page, id).locator('.chart-absence').allInnerTexts()
        expect(absence.length === 0 ? '' : absence[0], id).toMatch(/^$|on record/)
      })
    }
    expect(complaints).toEqual([])
  })

  it('follow the index and the expiry', async () => {
    const { page } = await open('r')
    const title = () => card(page, 'iv-smile').locator('h2').innerText()
    await eventually(async () => expect(await title()).toMatch(/^IV smile\s+NIFTY \d+ Nov/))
    const first = await title()
    await page.keyboard.press('ArrowRight')
    await eventually(async () => expect(await title()).not.toBe(first))
    await page.keyboard.press('5')
    await eventually(async () => expect(await title()).toContain('SENSEX'))
    await eventually(async () => expect(await drawn(page, 'open-interest')).toBeGreaterThan(100))
  })

  it('show the values under a crosshair that the keyboard moves', async () => {
    const { page } = await open('r')
    const chart = card(page, 'open-interest').locator('.chart-plot svg').first()
    await eventually(async () => expect(await drawn(page, 'open-interest')).toBeGreaterThan(100))
    const expiry = await page.locator('.expiry-tabs [aria-selected=true]').innerText()
    await chart.focus()
    await page.keyboard.press('ArrowRight')
    const readout = card(page, 'open-interest').locator('.readout')
    await readout.waitFor()
    const before = await readout.innerText()
    expect(before).toMatch(/Strike [\d,]+[\s\S]*Calls[\s\S]*lots[\s\S]*Puts[\s\S]*lots/)
    await page.keyboard.press('ArrowRight')
    await eventually(async () => expect(await readout.innerText()).not.toBe(before))
    expect(await page.locator('.expiry-tabs [aria-selected=true]').innerText()).toBe(expiry)
  })

  it('fill the page one by one, and Escape gives the others back', async () => {
    const { page } = await open('r')
    const small = await card(page, 'gex').locator('.chart-plot').boundingBox()
    await page.getByRole('button', { name: 'Maximise Gamma exposure' }).click()
    await eventually(async () => expect(await page.locator('.chart-card').count()).toBe(1))
    await eventually(async () => {
      const large = await card(page, 'gex').locator('.chart-plot svg').first().boundingBox()
      expect(large?.width ?? 0).toBeGreaterThan(1.8 * (small?.width ?? 1e9))
    })
    await page.keyboard.press('Escape')
    await eventually(async () => expect(await page.locator('.chart-card').count()).toBe(9))
  })

  it('show a part of the day, the same in all of them', async () => {
    const { page } = await open('r')
    const beginning = (id: string) => card(page, id).locator('[role=slider]').first()
    await beginning('straddle-spot').waitFor({ timeout: 20_000 })
    const before = await beginning('pcr-max-pain').getAttribute('aria-valuenow')
    await beginning('straddle-spot').focus()
    for (let times = 0; times < 5; times += 1) await page.keyboard.press('ArrowRight')
    await eventually(async () =>
      expect(Number(await beginning('pcr-max-pain').getAttribute('aria-valuenow'))).toBeGreaterThan(Number(before)),
    )
  })

  it('follow a handle as far as the pointer drags it, while the day goes on', { timeout: 60_000 }, async () => {
    const { page } = await open('r')
    const handle = card(page, 'straddle-spot').locator('[role=slider]').first()
    await handle.waitFor({ timeout: 20_000 })
    await handle.scrollIntoViewIfNeeded()
    const begin = await handle.boundingBox()
    const [x, y] = [(begin?.x ?? 0) + 3, (begin?.y ?? 0) + 10]
    await page.mouse.move(x, y)
    await page.mouse.down()
    // The lines get a point every few seconds of the market, which are fractions of one here.
    for (let step = 1; step <= 20; step += 1) {
      await page.mouse.move(x + 6 * step, y)
      await page.waitForTimeout(100)
    }
    const dragged = await handle.boundingBox()
    // It rests at a point of the day, of which a young day has few.
    expect(Math.abs((dragged?.x ?? 0) - (begin?.x ?? 0) - 120)).toBeLessThan(40)
    await page.mouse.up()
    const shown = () => card(page, 'straddle-spot').locator('.range-brush').getAttribute('aria-label')
    const chosen = await shown()
    expect(chosen).toMatch(/: from 13:4\d:\d\d to the newest$/)
    await page.mouse.move(10, 10)
    const points = await drawn(page, 'straddle-spot')
    await eventually(async () => expect(await drawn(page, 'straddle-spot')).not.toBe(points), 20_000)
    expect(await shown()).toBe(chosen)
  })

  it('are exported as CSV and as PNG', async () => {
    const { page, complaints } = await open('r')
    await eventually(async () => expect(await drawn(page, 'iv-smile')).toBeGreaterThan(40))
    const csv = await exported(page, 'IV smile as CSV')
    expect(csv.name).toMatch(/^NIFTY_2026-\d\d-\d\d_iv-smile_2026-11-23_\d{6}\.csv$/)
    const [head = '', ...rows] = csv.content.toString('utf8').trimEnd().split('\n')
    expect(head).toMatch(/^strike,"calls, IV in %","puts, IV in %"/)
    expect(rows).toHaveLength(41)
    for (const row of rows) expect(row).toMatch(/^\d+(,-?[\d.e-]*)+$/)
    const day = await exported(page, 'Straddle and spot as CSV')
    const [dayHead = '', ...times] = day.content.toString('utf8').trimEnd().split('\n')
    expect(dayHead).toMatch(/^"time, IST",/)
    expect(times.length).toBeGreaterThan(0)
    for (const row of times) expect(row).toMatch(/^2026-11-23 \d\d:\d\d:\d\d,/)
    const png = await exported(page, 'IV smile as PNG')
    expect(png.name).toMatch(/iv-smile_.*\.png$/)
    expect(png.content.subarray(1, 4).toString('latin1')).toBe('PNG')
    expect(png.content.readUInt32BE(16)).toBeGreaterThan(900)
    expect(png.content.readUInt32BE(20)).toBeGreaterThan(400)
    // A plain ground would pack into next to nothing.
    expect(png.content.length).toBeGreaterThan(15_000)
    expect(complaints).toEqual([])
  })
})

describe('the Greeks of a chain', () => {
  it('stand leg by leg, for the straddle and by strike, per lot or per unit', { timeout: 60_000 }, async () => {
    const { page, complaints } = await open('k')
    await page.locator('table.greeks tr.atm').waitFor()
    const vega = async () => {
      const [text = ''] = await page.locator('table.greeks tr.atm td.ce.vega .num').allInnerTexts()
      return Number(text.replaceAll(',', ''))
    }
    await eventually(async () => expect(await vega()).toBeGreaterThan(0))
    const perLot = await vega()
    // Each bar lies within its own cell, as long as the number there.
    const bars = await page.evaluate(() =>
      [...document.querySelectorAll('table.greeks tbody td.ce.vega')].map((cell) => {
        const { backgroundSize, backgroundImage } = getComputedStyle(cell)
        return backgroundImage.startsWith('linear-gradient') ? Number.parseFloat(backgroundSize) : null
      }),
    )
    expect(Math.max(...bars.map((bar) => bar ?? 999))).toBeLessThanOrEqual(100)
    expect(new Set(bars).size).toBeGreaterThan(5)
    await page.getByRole('button', { name: 'Per unit' }).click()
    await eventually(async () => expect(await vega()).toBeLessThan(perLot / 20))
    expect(await page.locator('table.greeks .strike-head').innerText()).toBe('per unit')
    const facts = await page.locator('.position-card dl > div').allInnerTexts()
    expect(facts).toHaveLength(8)
    for (const fact of facts) expect(fact).toMatch(/\d/)
    expect(await page.locator('.provenance').innerText()).toMatch(
      /Black-76 on the forward [\d,.]+ by .*T 0\.\d+ y.*r [\d.]+/,
    )
    // An expiry day: a day's theta is more than there is to lose.
    const figures = facts.find((fact) => fact.startsWith('Theta, a day*')) ?? ''
    const note = await page.locator('.last-day').innerText()
    const [left, theta] = [/decays by ₹ ([\d,.]+) if/.exec(note)?.[1], /−([\d,.]+)/.exec(figures)?.[1]]
    const amount = (text = '') => Number(text.replaceAll(',', ''))
    expect(amount(left)).toBeGreaterThan(0)
    expect(amount(theta)).toBeGreaterThan(amount(left))
    expect(await page.locator('.move-scale svg').getAttribute('aria-label')).toMatch(
      /Expected move: [\d,.]+ to [\d,.]+/,
    )
    for (const id of ['straddle-decay', 'gamma-profile', 'theta-profile', 'vega-profile']) {
      await card(page, id).scrollIntoViewIfNeeded()
      await eventually(async () => expect(await drawn(page, id), id).toBeGreaterThan(40))
    }
    expect(await cutTexts(page)).toEqual([])
    expect(complaints).toEqual([])
  })
})
