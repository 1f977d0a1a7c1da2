import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import type { Page } from 'playwright-core'
import { beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../core/testing/eventually.ts'
import { pageSite } from './page-site.ts'

const site = pageSite({ INDICES: 'NIFTY,SENSEX', SIM_SPEED: '20', SIM_AT: '2026-11-23T10:00' })
let page: Page
let complaints: readonly string[]

const dialog = () => page.getByRole('dialog', { name: 'Export recorded legs' })
const field = (label: string) => dialog().getByLabel(label, { exact: true })
const status = () => dialog().locator('.export-progress')
const go = () => dialog().getByRole('button', { name: 'Export', exact: true })

beforeEach(async () => {
  ;({ page, complaints } = await site.open())
})

describe('the export dialog', () => {
  it('opens by a key and by a button, with the chain on the screen and the newest day', async () => {
    await page.keyboard.press('e')
    await dialog().waitFor()
    expect(await field('Index').inputValue()).toBe('NIFTY')
    expect(await field('Expiry').inputValue()).toBe('this_week')
    expect(await field('From the day').inputValue()).toBe('2026-11-23')
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
    for (const key of ['r', 'h']) {
      await page.keyboard.press(key)
      await page.getByRole('button', { name: 'Export', exact: true }).click()
      await dialog().waitFor()
      await page.keyboard.press('Escape')
      await dialog().waitFor({ state: 'detached' })
    }
  })

  it.each(['csv', 'jsonl', 'parquet'] as const)('gives the browser a file of recorded legs (%s)', async (format) => {
    await page.keyboard.press('e')
    await dialog()
      .getByRole('button', { name: { csv: 'CSV', jsonl: 'JSONL', parquet: 'Parquet' }[format], exact: true })
      .click()
    const coming = page.waitForEvent('download')
    await go().click()
    const download = await coming
    expect(download.suggestedFilename()).toBe(`NIFTY_this_week_2026-11-23.${format}`)
    const bytes = readFileSync(await download.path())
    await eventually(async () => expect(await status().innerText()).toMatch(/is complete: [\d,]+ legs/))
    const legs = Number(/complete: ([\d,]+) legs/.exec(await status().innerText())?.[1]?.replaceAll(',', ''))
    expect(legs).toBeGreaterThan(20)
    if (format === 'csv') {
      const rows: Record<string, string>[] = parse(bytes, { columns: true })
      expect(rows).toHaveLength(legs)
      expect(new Set(rows.map(({ index, bucket }) => `${index} ${bucket}`))).toEqual(new Set(['NIFTY this_week']))
    }
    if (format === 'jsonl') expect(bytes.toString().trimEnd().split('\n')).toHaveLength(legs)
    if (format === 'parquet') expect(bytes.subarray(-4).toString()).toBe('PAR1')
    expect(complaints).toEqual([])
  })

  it('says in a sentence that nothing is on record, and writes nothing', async () => {
    await page.keyboard.press('e')
    await field('at (IST)').fill('09:16')
    await field('before (IST)').fill('09:17')
    let downloads = 0
    page.on('download', () => {
      downloads += 1
    })
    await go().click()
    await dialog()
      .getByText(/nothing is on record of NIFTY this_week from/)
      .waitFor()
    expect(downloads).toBe(0)
    await field('before (IST)').fill('09:10')
    await dialog().getByText('The end must be after the beginning.').waitFor()
    expect(await go().isDisabled()).toBe(true)
  })

  it('can be cancelled while it is at work, from the dialog opened again', async () => {
    // A file that the browser does not take stays at work. Downloads do not go through `page.route`.
    await page.evaluate(() => {
      HTMLAnchorElement.prototype.click = () => {}
    })
    await page.keyboard.press('e')
    await field('Expiry').selectOption('all')
    await go().click()
    await status().getByText('waits for the browser to take it').waitFor()
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
    await page.keyboard.press('e')
    await dialog().getByRole('button', { name: 'Cancel the export' }).click()
    await status().getByText('was cancelled: nothing was written').waitFor()
    expect(await go().isEnabled()).toBe(true)
  })
})
