import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { settingsReportSchema } from '../core/contract/operations.ts'
import { eventually } from '../core/testing/eventually.ts'
import { pageSite } from './page-site.ts'
import { readJson } from './product.ts'

const SECRET = 'canary-4d1e-canary-4d1e-canary'

const site = pageSite({ SIM_SPEED: '2' })
const file = join(site.folder, 'data', 'settings.json')

async function openSettings(group: string) {
  const opened = await site.open()
  await opened.page.keyboard.press(',')
  await opened.page.getByRole('button', { name: group }).click()
  return opened
}

const bar = (page: Page) => page.locator('.settings-bar')
const row = (page: Page, name: string) => page.locator(`[data-setting="${name}"]`)
const onDisk = (): unknown => JSON.parse(readFileSync(file, 'utf8'))
const settingNow = async (name: string) =>
  settingsReportSchema
    .parse(await readJson(`${site.address()}/settings`))
    .settings.find((setting) => setting.name === name)

describe('the settings page', () => {
  it('writes beside a switch, not under its knob', async () => {
    const { page } = await openSettings('General')
    for (const group of ['General', 'What is collected', 'Backups and recovery']) {
      await page.getByRole('button', { name: group, exact: true }).click()
      const switches = page.locator('.settings-page .switch')
      await switches.first().waitFor()
      for (const one of await switches.all()) {
        const [wide, place] = await one.evaluate((element) => [element.scrollWidth, element.clientWidth])
        expect(wide, `${group} ${await one.getAttribute('aria-label')}`).toBe(place)
      }
    }
  })

  it('shows what is wrong where it is wrong, writes nothing then, and keeps what is not saved', async () => {
    const { page, complaints } = await openSettings('What is collected')
    await row(page, 'RISK_FREE_RATE').getByRole('textbox').fill('7%')
    await page.getByRole('button', { name: 'Logs', exact: true }).click()
    await row(page, 'LOG_LEVEL').getByRole('combobox').selectOption('debug')
    expect(await bar(page).innerText()).toContain('2 changes')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Chain', exact: true }).click()
    await page.locator('tr.atm').waitFor()
    await page.keyboard.press(',')
    await page.getByRole('button', { name: 'What is collected' }).click()
    // The page knows the rules itself.
    await eventually(async () =>
      expect(await bar(page).innerText()).toContain('2 changes, not right yet: RISK_FREE_RATE'),
    )
    await bar(page).getByRole('button', { name: 'Save' }).click()
    await row(page, 'RISK_FREE_RATE').getByText('Must be a number from -0.1 to 1.').waitFor()
    expect(await page.evaluate('document.activeElement.id')).toBe('setting-RISK_FREE_RATE')
    expect(await bar(page).innerText()).toContain('Nothing was saved')
    expect(() => statSync(file)).toThrow('ENOENT')
    await page.keyboard.press('Control+a')
    await page.keyboard.type('0.07')
    await page.keyboard.press('Control+s')
    await bar(page).getByText('Restart needed').waitFor()
    expect(onDisk()).toEqual({ RISK_FREE_RATE: '0.07', LOG_LEVEL: 'debug' })
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
    // The browser's own word on the refusal.
    expect(complaints).toEqual([expect.stringContaining('status of 422')])
  })

  it('takes up at once what needs no restart, and the rest with the next start', { timeout: 60_000 }, async () => {
    await site.running().waitFor(/"level":"DEBUG"/)
    expect(await settingNow('LOG_LEVEL')).toMatchObject({ value: 'debug', changed: false })
    expect(await settingNow('RISK_FREE_RATE')).toMatchObject({ value: '0.065', pending: '0.07', changed: true })
    expect(await site.stop()).toBe(0)
    await site.restart()
    expect(await settingNow('RISK_FREE_RATE')).toMatchObject({ value: '0.07', changed: false, origin: 'settings.json' })
    const { page } = await openSettings('What is collected')
    await row(page, 'RISK_FREE_RATE').getByRole('button', { name: 'Reset' }).click()
    await row(page, 'INDICES').getByRole('checkbox', { name: 'SENSEX' }).uncheck()
    await bar(page).getByRole('button', { name: 'Save' }).click()
    await bar(page).getByText('Restart needed').waitFor()
    expect(onDisk()).toEqual({ LOG_LEVEL: 'debug', INDICES: 'NIFTY,BANKNIFTY,FINNIFTY,MIDCPNIFTY' })
  })

  it('takes a secret and never gives it back', async () => {
    const { page } = await openSettings('Where the data comes from')
    const heard: string[] = []
    page.on(
      'response',
      (response) =>
        void response.text().then(
          (text) => heard.push(text),
          () => {},
        ),
    )
    await row(page, 'KITE_ACCESS_TOKEN').locator('input').fill(SECRET)
    await page.keyboard.press('Control+s')
    await row(page, 'KITE_ACCESS_TOKEN').getByText('set', { exact: true }).waitFor()
    expect(onDisk()).toMatchObject({ KITE_ACCESS_TOKEN: SECRET })
    await page.reload()
    await page.getByRole('button', { name: 'Where the data comes from' }).click()
    await row(page, 'KITE_ACCESS_TOKEN').getByText('set', { exact: true }).waitFor()
    expect(heard.join()).toContain('KITE_ACCESS_TOKEN')
    expect(heard.join() + (await page.content()) + site.running().output()).not.toContain(SECRET)
    expect(await settingNow('KITE_ACCESS_TOKEN')).toMatchObject({ is_set: true, value: null, pending: null })
    await row(page, 'KITE_ACCESS_TOKEN').getByRole('button', { name: 'Clear' }).click()
    await page.keyboard.press('Control+s')
    await row(page, 'KITE_ACCESS_TOKEN').getByText('not set', { exact: true }).waitFor()
    expect(onDisk()).not.toHaveProperty('KITE_ACCESS_TOKEN')
  })

  it('does not offer what is set elsewhere, finds by words, and says what is broken', async () => {
    const { page } = await openSettings('API and metrics')
    expect(await row(page, 'API_PORT').getByRole('textbox').isDisabled()).toBe(true)
    expect(await row(page, 'API_PORT').innerText()).toContain('set in the environment')
    await page.getByRole('button', { name: 'Grafana', exact: true }).click()
    await page.keyboard.press('/')
    await page.keyboard.type('discounting')
    await row(page, 'RISK_FREE_RATE').waitFor()
    expect(await page.locator('[data-setting]').count()).toBe(1)
    const before = readFileSync(file)
    writeFileSync(file, '{"API_PORT":')
    await page.reload()
    await page.getByText('settings.json cannot be read').waitFor()
    writeFileSync(file, before)
    await page.getByRole('button', { name: 'Look again' }).click()
    await page.getByText('settings.json cannot be read').waitFor({ state: 'detached' })
  })
})

describe('the first steps', () => {
  it('lead to a live chain with the keyboard alone, in three steps, beside a market that moves', async () => {
    const { page, complaints } = await site.open('dark', 'first')
    const sheet = page.getByRole('region', { name: 'First steps' })
    const focused = () => page.evaluate('document.activeElement.textContent')
    const prices = async () => (await page.locator('td.ltp .num').allInnerTexts()).join()
    await page.locator('.banner').waitFor()
    expect(await sheet.innerText()).toContain('API key not set')
    // The keys are the page's until the focus is inside.
    await page.keyboard.press('g')
    await page.locator('thead th').getByText('Delta').first().waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('F6')
    expect(await focused()).toBe('Next')
    await page.keyboard.press('Enter')
    await sheet.getByText('2 of 3').waitFor()
    await page.keyboard.press('Shift+Tab')
    expect(await focused()).toBe('Light')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('light')
    await sheet.getByRole('button', { name: 'BANKNIFTY' }).focus()
    await page.keyboard.press('Enter')
    await page.locator('[role=tab][aria-selected=true]').getByText('BANKNIFTY').waitFor()
    await page.keyboard.press('g')
    expect(await page.locator('thead th').getByText('Delta').count()).toBe(0)
    await sheet.getByRole('button', { name: 'Next' }).focus()
    await page.keyboard.press('Enter')
    await sheet.getByText('3 of 3').waitFor()
    expect(await sheet.innerText()).toContain(join(site.folder, 'data'))
    await page.keyboard.press('Enter')
    await sheet.waitFor({ state: 'detached' })
    const before = await prices()
    await eventually(async () => expect(await prices()).not.toBe(before))
    await page.reload()
    await page.locator('[role=tab][aria-selected=true]').getByText('BANKNIFTY').waitFor()
    expect(await sheet.count()).toBe(0)
    await page.keyboard.press(',')
    await page.getByRole('button', { name: 'Show them again' }).click()
    await sheet.getByText('1 of 3').waitFor()
    await page.keyboard.press('F6')
    await page.keyboard.press('Escape')
    await sheet.waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
  })

  it('write which indices are collected, and lead to the keys of Kite', async () => {
    const { page } = await site.open('dark', 'first')
    const sheet = page.getByRole('region', { name: 'First steps' })
    await sheet.getByRole('button', { name: 'Next' }).click()
    await sheet.getByRole('checkbox', { name: 'FINNIFTY' }).uncheck()
    await sheet.getByRole('button', { name: 'Next' }).click()
    await sheet.getByText('wait for a restart').waitFor()
    expect(onDisk()).toMatchObject({ INDICES: 'NIFTY,BANKNIFTY,MIDCPNIFTY' })
    await sheet.getByRole('button', { name: 'Back' }).click()
    await sheet.getByRole('button', { name: 'Back' }).click()
    await sheet.getByRole('button', { name: 'Enter them in the settings' }).click()
    await row(page, 'KITE_API_KEY').waitFor()
    await sheet.getByRole('button', { name: 'Skip' }).click()
    await sheet.waitFor({ state: 'detached' })
  })
})
