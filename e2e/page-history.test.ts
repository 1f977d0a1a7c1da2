import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { formatNumber } from '../app/renderer/lib/format.ts'
import { optionChainSchema } from '../core/contract/api-schema.ts'
import { recordedDaySchema } from '../core/contract/history.ts'
import { formatIst, istInstant } from '../core/domain/ist.ts'
import { eventually } from '../core/testing/eventually.ts'
import { findings, loadAxe } from './axe.ts'
import { PATIENCE_MS, untilLegsFlow } from './fixture.ts'
import { pageSite } from './page-site.ts'
import { readJson } from './product.ts'

/** A trading day before, and the one that goes on; each minute of the market takes a few seconds. */
const EARLIER = '2026-11-20'
const TODAY = '2026-11-23'
const SIM_SPEED = '10'

const site = pageSite({ INDICES: 'NIFTY,SENSEX', SIM_SPEED, SIM_AT: `${EARLIER}T10:00` })

beforeAll(async () => {
  await untilLegsFlow(site.address(), 500)
  expect(await site.stop()).toBe(0)
  await site.restart({ SIM_AT: `${TODAY}T10:00` })
  // Enough of a record to travel through.
  await eventually(async () => {
    const { recorded } = await dayOf(TODAY)
    expect(recorded === null ? 0 : Date.parse(recorded.to) - Date.parse(recorded.from)).toBeGreaterThan(240_000)
  }, 2 * PATIENCE_MS)
}, 240_000)

const dayOf = async (date: string, index = 'NIFTY') =>
  recordedDaySchema.parse(await readJson(`${site.address()}/history/${index}/${date}`))

/** An instant within the record, so many milliseconds after its beginning. */
async function instantOf(date: string, afterMs: number): Promise<number> {
  const { recorded } = await dayOf(date)
  return 1_000 * Math.floor((Date.parse(recorded?.from ?? '') + afterMs) / 1_000)
}

const strip = (page: Page) => page.getByTestId('history')
const STRIP = /History: (\d+ \w+ \d{4}) (\d\d:\d\d:\d\d)(\.\d{3})? IST, simulated/

/** What the strip says, epoch milliseconds. */
async function shownAt(page: Page): Promise<number> {
  const [, day = '', time = '', rest = ''] = STRIP.exec(await strip(page).innerText()) ?? []
  const date = day.startsWith('20 ') ? EARLIER : TODAY
  return istInstant(date, time) + (rest === '' ? 0 : Number(rest.slice(1)))
}

/** Travels by the keyboard alone: the field of the time has the focus after the second key. */
async function travelTo(page: Page, at: number): Promise<void> {
  await page.keyboard.press('t')
  await page.locator('.history-bar [role=slider]').waitFor()
  await page.keyboard.press('t')
  await page.keyboard.type(formatIst(at).slice(11, 23))
  await page.keyboard.press('Enter')
  await eventually(async () => expect(await shownAt(page)).toBe(at), PATIENCE_MS)
}

const pastChain = async (at: number, index = 'NIFTY') =>
  optionChainSchema.parse(await readJson(`${site.address()}/option-chain/${index}?at=${at}`))

const cells = (page: Page, strike: number, column: string) =>
  page.locator(`tr[data-strike="${strike}"] td.${column}`).allInnerTexts()

const price = (value: number | null | undefined) => formatNumber('price', value ?? null)

describe('an instant of the record', { timeout: 120_000 }, () => {
  it('is on the screen as it is on record, steps with the keys, and gives way to the market of now', async () => {
    const { page, complaints } = await site.open()
    const at = await instantOf(TODAY, 90_000)
    await travelTo(page, at)
    const isShown = async (instant: number) => {
      const { atm, forward, rows } = await pastChain(instant)
      const row = rows.find(({ strike }) => strike === atm)
      await eventually(async () => {
        expect((await cells(page, atm ?? 0, 'bid')).join()).toBe([price(row?.call?.bid), price(row?.put?.bid)].join())
        expect(await page.locator('.header-strip .fact').nth(2).innerText()).toContain(price(forward.value))
        // One spot of an index on one screen; marks of the whole chain are not those of its recorded window.
        const spot = await page.locator('.index-tabs [aria-selected=true] .num').innerText()
        expect(await page.locator('.header-strip .fact').first().innerText()).toContain(spot)
        expect(await page.locator('.mark.R, .mark.S').count()).toBe(0)
      })
    }
    await isShown(at)
    await page.keyboard.press('>')
    await eventually(async () => expect(await shownAt(page)).toBe(at + 60_000))
    await isShown(at + 60_000)
    await page.keyboard.press('{')
    await eventually(async () => expect(await shownAt(page)).toBe(at + 59_000))
    await page.keyboard.press(']')
    await eventually(async () => expect(await shownAt(page)).toBeGreaterThan(at + 59_000))
    const tick = await shownAt(page)
    const answer = z.object({ after: z.string() })
    const { after } = answer.parse(await readJson(`${site.address()}/history/NIFTY?at=${at + 59_000}`))
    expect(tick).toBe(Date.parse(after))
    await isShown(tick)
    await page.keyboard.press('[')
    await eventually(async () => expect(await shownAt(page)).toBeLessThanOrEqual(at + 59_000))
    // The market of now goes on, and nothing of it is seen.
    const still = await page.locator('.chain-view').innerText()
    const legs = (await untilLegsFlow(site.address())).record.durable_legs
    await untilLegsFlow(site.address(), legs + 200)
    expect(await page.locator('.chain-view').innerText()).toBe(still)
    expect(await page.locator('[data-flash]').count()).toBe(0)
    expect(await page.title()).toMatch(/^HISTORY NIFTY/)
    await page.keyboard.press('l')
    await strip(page).waitFor({ state: 'detached' })
    await eventually(async () => expect(await page.title()).toMatch(/^SIM NIFTY/))
    await eventually(async () => expect(await page.locator('.chain-view').innerText()).not.toBe(still))
    expect(complaints).toEqual([])
  })

  it('has dashes where nothing was recorded, and says why', async () => {
    const { page } = await site.open()
    const at = await instantOf(TODAY, 60_000)
    await travelTo(page, at)
    const { rows } = await pastChain(at)
    const outside = rows.find(({ call, put }) => call === null && put === null)?.strike ?? 0
    expect(await page.locator('.notice').innerText()).toMatch(/Recorded at this instant: strikes [\d,]+ to [\d,]+\./)
    await page.keyboard.press('/')
    await page.keyboard.type(String(outside))
    await page.keyboard.press('Enter')
    await eventually(async () => expect(await cells(page, outside, 'oi')).toEqual(['–', '–']))
    await page.keyboard.press('t')
    await page.keyboard.type('9:30')
    await page.keyboard.press('Enter')
    await eventually(async () =>
      expect(await page.locator('.notice').innerText()).toMatch(/Not recorded\. The record of this day begins at/),
    )
    expect(new Set(await page.locator('td.ltp').allInnerTexts())).toEqual(new Set(['–']))
    expect(await page.locator('.header-strip .fact').first().innerText()).toContain('–')
  })

  it('is that of another day with its own expiries, chosen with the keyboard', async () => {
    const { page } = await site.open()
    const at = await instantOf(TODAY, 60_000)
    await travelTo(page, at)
    const day = page.getByRole('combobox', { name: 'Recorded day' })
    await day.focus()
    await page.keyboard.press('ArrowDown')
    await eventually(async () => expect(await strip(page).innerText()).toContain('20 Nov 2026'))
    await day.blur()
    const earlier = await instantOf(EARLIER, 30_000)
    await page.keyboard.press('t')
    await page.keyboard.type(formatIst(earlier).slice(11, 19))
    await page.keyboard.press('Enter')
    await eventually(async () => expect(await shownAt(page)).toBe(earlier))
    const { expiry, atm, rows } = await pastChain(earlier)
    const { expiries } = await dayOf(EARLIER)
    expect(expiries[0]?.expiry).toBe(expiry)
    const row = rows.find(({ strike }) => strike === atm)
    await eventually(async () =>
      expect((await cells(page, atm ?? 0, 'ltp')).join().replaceAll(/[▲▼\s]/g, '')).toBe(
        [price(row?.call?.ltp), price(row?.put?.ltp)].join(),
      ),
    )
    expect(await page.locator('.expiry-tabs [aria-selected=true]').innerText()).toContain(
      `${expiries[0]?.days_to_expiry}d`,
    )
    await page.keyboard.press('5')
    await page.locator('.index-tabs [aria-selected=true]', { hasText: 'SENSEX' }).waitFor()
    await page.getByRole('slider').first().waitFor()
    expect(await shownAt(page)).toBe(earlier)
  })

  it('plays with Space, faster where that is chosen, until Space is pressed again', async () => {
    const { page, complaints } = await site.open()
    const at = await instantOf(TODAY, 20_000)
    await travelTo(page, at)
    await page.getByRole('button', { name: '10×' }).click()
    await page.keyboard.press(' ')
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor()
    const seen = new Set<number>()
    await eventually(async () => {
      seen.add(await shownAt(page))
      expect(Math.max(...seen)).toBeGreaterThan(at + 20_000)
    }, PATIENCE_MS)
    await page.keyboard.press(' ')
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
    const paused = await shownAt(page)
    // States of a second of the market each: none is between them.
    for (const instant of [...seen, paused]) expect((instant - at) % 1_000).toBe(0)
    await page.keyboard.press(']')
    await eventually(async () => expect(await shownAt(page)).toBeGreaterThan(paused))
    expect(complaints).toEqual([])
  })

  it('is on every view, in its lines through the day too, and without a serious finding of axe', async () => {
    const { page, complaints } = await site.open()
    const at = await instantOf(TODAY, 150_000)
    await travelTo(page, at)
    await loadAxe(page)
    expect(await findings(page)).toEqual([])
    await page.keyboard.press('k')
    const { forward } = await pastChain(at)
    await eventually(async () => expect(await page.locator('.provenance').innerText()).toContain(price(forward.value)))
    expect(await findings(page)).toEqual([])
    await page.keyboard.press('r')
    const spots = page.locator('[data-chart="straddle-spot"]')
    await spots.scrollIntoViewIfNeeded()
    await spots.locator('.recharts-line path').first().waitFor({ state: 'attached' })
    const waiting = page.waitForEvent('download')
    await spots.getByRole('button', { name: 'CSV' }).click()
    const parts: Buffer[] = []
    for await (const part of await (await waiting).createReadStream()) parts.push(Buffer.from(part))
    const times = [
      ...Buffer.concat(parts)
        .toString('utf8')
        .matchAll(/\d\d:\d\d:\d\d/g),
    ].map(([time]) => istInstant(TODAY, time))
    expect(times.length).toBeGreaterThan(2)
    expect(Math.max(...times)).toBeLessThanOrEqual(at)
    expect(await findings(page)).toEqual([])
    for (const key of ['a', 'h']) {
      await page.keyboard.press(key)
      await eventually(async () => expect(await strip(page).innerText()).toContain('this page alone is of now'))
    }
    expect(await shownAt(page)).toBe(at)
    expect(complaints).toEqual([])
    // Loaded anew it is still there; the view is the one of before.
    await page.reload()
    await eventually(async () => expect(await shownAt(page)).toBe(at), PATIENCE_MS)
  })
})
