import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { buildBundles } from '../build/bundles.js'
import { ensureTestElectron, type TestElectron } from '../build/test-electron.ts'
import { healthSchema } from '../core/contract/api-schema.ts'
import { eventually } from '../core/testing/eventually.ts'
import {
  askBridge,
  callTray,
  type Desktop,
  type DesktopOptions,
  desktopEnvironment,
  startDesktop,
} from './desktop-product.ts'
import { type Display, startDisplay } from './display.ts'
import { temporaryFolder } from './product.ts'

const ROOT = join(import.meta.dirname, '..')
const home = temporaryFolder()
// Two applications start in a test, and other tests run beside it.
vi.setConfig({ testTimeout: 60_000 })

let display: Display
let electron: TestElectron
let desktop: Desktop

const options = (): DesktopOptions => ({ electron, env: display.env, home: home.path })

beforeAll(async () => {
  const found = await ensureTestElectron()
  if ('missing' in found) throw new Error(found.missing)
  electron = found
  expect(buildBundles(process.execPath)).toBeNull()
  display = await startDisplay()
  desktop = await startDesktop(options())
}, 120_000)

afterAll(async () => {
  desktop?.process.kill('SIGKILL')
  await display?.stop()
  home.remove()
})

/** Waits for the ATM row with prices on both sides. */
async function chainShown(page: Page): Promise<void> {
  await page.locator('tr.atm td.ce.ltp .num:not(.missing)').waitFor()
  await page.locator('tr.atm td.pe.ltp .num:not(.missing)').waitFor()
}

const selectedTab = (page: Page, list: string) =>
  page.locator(`[role=tablist][aria-label="${list}"] [aria-selected=true]`).innerText()
const prices = async (page: Page) => (await page.locator('td.ltp .num').allInnerTexts()).join()

const answered = z.object({ ok: z.literal(true), value: z.unknown() })
const refused = z.object({ ok: z.literal(false), error: z.object({ code: z.string(), hint: z.string() }) })

async function health() {
  return healthSchema.parse(answered.parse(await askBridge(desktop.page, 'calls', 'health', {})).value)
}
const durableLegs = async () => (await health()).record.durable_legs

const windowState = () =>
  desktop.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map((window) => ({
      bounds: window.getBounds(),
      visible: window.isVisible(),
      focused: window.isFocused(),
    })),
  )
const isVisible = async () => (await windowState()).map(({ visible }) => visible)

/** What Electron tells of the preferences of a window, as app/main/hardening.ts has them. */
const SAFE = {
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  enableBlinkFeatures: '',
  webviewTag: false,
}

/** What a script in the page gives, asked by main: the browser tools know no page that has died and lives again. */
const inPage = (code: string): Promise<unknown> =>
  desktop.app.evaluate(
    ({ BrowserWindow }, script) => BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(script),
    code,
  )
const isLoaded = () =>
  desktop.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents
    return contents !== undefined && !contents.isCrashed() && !contents.isLoading()
  })

describe('the desktop window', () => {
  it('comes from the first start to a live chain over IPC, and breaks no rule of its policy', async () => {
    const { page, complaints } = desktop
    await page.evaluate(() => {
      const violations: string[] = []
      Reflect.set(window, 'violations', violations)
      document.addEventListener('securitypolicyviolation', (event) => violations.push(event.blockedURI))
    })
    await chainShown(page)
    expect(page.url()).toMatch(/^app:\/\/optrade\/index\.html#\/chain\/NIFTY\/this_\w+$/)
    const before = await prices(page)
    await eventually(async () => expect(await prices(page)).not.toBe(before))
    expect(await page.locator('.banner').innerText()).toContain('SIMULATED')
    const asked = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))
    expect(asked.filter((address) => !address.startsWith('app://optrade/'))).toEqual([])
    expect(await page.evaluate(() => Reflect.get(window, 'violations'))).toEqual([])
    expect(complaints).toEqual([])
  })

  it('has the safe preferences in every window, and nothing of Node in the page', async () => {
    const preferences = await desktop.app.evaluate(({ webContents }) =>
      webContents
        .getAllWebContents()
        .map((contents): unknown => Reflect.apply(Reflect.get(contents, 'getLastWebPreferences'), contents, [])),
    )
    expect(preferences).toEqual([expect.objectContaining(SAFE)])
    const globals = ['require', 'process', 'module', 'Buffer', 'ipcRenderer']
    const seen = await desktop.page.evaluate((names) => names.filter((name) => name in window), globals)
    expect(seen).toEqual([])
    expect(await desktop.page.evaluate(() => Object.keys(Reflect.get(window, 'optrade')).sort())).toEqual([
      'calls',
      'desktop',
      'follow',
      'onEvent',
    ])
  })

  it('refuses a malformed payload, and any frame that is not its own page', async () => {
    const malformed = refused.parse(await askBridge(desktop.page, 'calls', 'expiries', { index: 'DAX' }))
    expect(malformed.error.code).toBe('request_invalid')
    expect(refused.parse(await askBridge(desktop.page, 'desktop', 'setAutostart', { enabled: 'yes' })).error.code).toBe(
      'request_invalid',
    )
    const foreign = await desktop.app.evaluate(
      async ({ BrowserWindow }, preload) => {
        const other = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } })
        await other.loadURL('data:text/html,<title>foreign</title>')
        const answers: unknown = await other.webContents.executeJavaScript(`Promise.all([
        window.optrade.calls.health({}), window.optrade.desktop.facts({}),
        new Promise((resolve) => {
          addEventListener('message', ({ ports: [port] }) => {
            port.onmessage = ({ data }) => resolve(data)
            setTimeout(() => resolve('nothing'), 1500)
          })
          window.optrade.follow('1', ['health'])
        }),
      ])`)
        await other.loadURL('app://optrade/index.html')
        const sameOrigin: unknown = await other.webContents.executeJavaScript('window.optrade.calls.health({})')
        other.destroy()
        return { answers, sameOrigin }
      },
      join(ROOT, 'out/preload/index.cjs'),
    )
    const codes = z.tuple([refused, refused, z.literal('nothing')]).parse(foreign.answers)
    expect([codes[0].error.code, codes[1].error.code]).toEqual(['sender_refused', 'sender_refused'])
    expect(refused.parse(foreign.sameOrigin).error.code).toBe('sender_refused')
    expect(desktop.output()).toContain('"code":"sender_refused"')
  })
})

describe('an export of the desktop window', () => {
  /** What the file dialog answers from now on. */
  const choose = (path: string | null) =>
    desktop.app.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = async () => ({ canceled: filePath === null, filePath: filePath ?? '' })
    }, path)

  it('goes where the file dialog says, and nowhere when that is cancelled', async () => {
    const { page } = desktop
    const path = join(home.path, 'mine.csv')
    await chainShown(page)
    await eventually(async () => expect(await durableLegs()).toBeGreaterThan(200), 30_000)
    await choose(null)
    await page.keyboard.press('e')
    const dialog = page.getByRole('dialog', { name: 'Export recorded legs' })
    const go = dialog.getByRole('button', { name: 'Export', exact: true })
    await go.click()
    await eventually(async () => expect(await go.isEnabled()).toBe(true))
    expect(await dialog.locator('.export-progress').count()).toBe(0)

    await choose(path)
    await go.click()
    await dialog.getByText(/is complete: [\d,]+ legs/).waitFor()
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    expect(lines[0]).toMatch(/^ts,index,bucket/)
    expect(lines.length).toBeGreaterThan(20)
    expect(readdirSync(home.path).filter((name) => name.includes('mine.csv'))).toEqual(['mine.csv'])
    await page.keyboard.press('Escape')
  })
})

describe('the desktop window and the recording behind it', () => {
  it('shows an earlier instant over IPC, steps through it with the keys, and comes back to the market of now', async () => {
    const { page, complaints } = desktop
    await chainShown(page)
    const strip = page.getByTestId('history')
    await page.keyboard.press('t')
    const time = () => page.locator('.time-field').inputValue()
    await page.locator('tr.atm td.ce.ltp .num:not(.missing)').waitFor()
    await eventually(async () => expect(await strip.innerText()).toMatch(/^History: .* IST, simulated/))
    const first = await time()
    const still = await prices(page)
    for (const key of ['[', '{']) {
      const before = await time()
      await page.keyboard.press(key)
      await eventually(async () => expect(await time()).not.toBe(before))
    }
    await page.keyboard.press('}')
    await eventually(async () => expect(await time()).not.toContain('.'))
    expect((await time()) <= first).toBe(true)
    for (const key of ['k', 'r', 'o']) {
      await page.keyboard.press(key)
      await strip.waitFor()
    }
    await page.keyboard.press('l')
    await strip.waitFor({ state: 'detached' })
    await chainShown(page)
    await eventually(async () => expect(await prices(page)).not.toBe(still))
    expect(complaints).toEqual([])
  })

  it('is hidden by closing it, says so once, and comes back by its icon while legs go on', async () => {
    await desktop.app.evaluate(({ Notification }) => {
      const told: string[] = []
      Reflect.set(globalThis, 'told', told)
      Notification.isSupported = () => true
      Notification.prototype.show = function show(this: Electron.Notification) {
        told.push(this.title)
      }
    })
    const close = () => desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await close()
    await eventually(async () => expect(await isVisible()).toEqual([false]))
    const before = await durableLegs()
    await eventually(async () => expect(await durableLegs()).toBeGreaterThan(before + 50), 30_000)
    await callTray(desktop.app, 'show')
    await eventually(async () => expect(await isVisible()).toEqual([true]))
    await close()
    await eventually(async () => expect(await isVisible()).toEqual([false]))
    await callTray(desktop.app, 'show')
    await eventually(async () => expect(await isVisible()).toEqual([true]))
    const shown = await prices(desktop.page)
    await eventually(async () => expect(await prices(desktop.page)).not.toBe(shown))
    expect(await desktop.app.evaluate(() => Reflect.get(globalThis, 'told'))).toEqual(['OP Trading goes on collecting'])
  })

  it('comes to the front when it is started a second time', async () => {
    await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide())
    const args = [...electron.args, ROOT, '--assume-tray', 'optrade://kite?request_token=secret_token']
    const second = spawn(electron.executable, args, { env: desktopEnvironment(options()), stdio: 'ignore' })
    expect(await new Promise((resolve) => second.once('exit', resolve))).toBe(0)
    await eventually(async () => expect(await isVisible()).toEqual([true]))
    await eventually(() => expect(desktop.output()).toContain('a link to optrade://kite was refused'))
    expect(desktop.output()).not.toContain('secret_token')
  })

  it('pauses and resumes from its icon', async () => {
    await callTray(desktop.app, 'pause')
    await eventually(async () => expect((await health()).collecting.paused).toBe(true))
    const label = () =>
      desktop.app.evaluate(() => {
        const menu: Electron.Menu = Reflect.get(globalThis, 'optradeTrayMenu')
        return menu.getMenuItemById('pause')?.label
      })
    await eventually(async () => expect(await label()).toBe('Resume collecting'))
    await callTray(desktop.app, 'pause')
    await eventually(async () => expect((await health()).collecting.paused).toBe(false))
  })

  it('sets encryption up with a recovery passphrase, and brings a lost key back', { timeout: 240_000 }, async () => {
    const { page } = desktop
    await page.keyboard.press(',')
    const group = (name: string) => page.getByRole('main', { name: 'Settings' }).getByRole('button', { name })
    await group('Display').click()
    const field = page.locator('.setting', { hasText: 'Encryption of finished files' })
    await field.getByText('Not set up:').waitFor()
    const give = async (button: string, passphrase: string, fields: number) => {
      for (const input of (await field.locator('input').all()).slice(0, fields)) await input.fill(passphrase)
      await field.getByRole('button', { name: button }).click()
    }
    await give('Set up', 'too short', 2)
    await field.getByText('must have at least 12 characters').waitFor()
    await field.locator('input').first().fill('a sentence of the window')
    expect(await field.getByRole('button', { name: 'Set up' }).isDisabled()).toBe(true)
    await give('Set up', 'a sentence of the window', 2)
    await field.getByText('Set up: the key').waitFor()
    const settings = readFileSync(join(home.path, 'data', 'settings.json'), 'utf8')
    expect(JSON.parse(settings)).toMatchObject({ ENABLE_DATA_ENCRYPTION_AT_REST: 'true' })
    // The keychain of the test's system keeps nothing: the key lies beside the folder of data.
    rmSync(join(home.path, 'data.key'))
    await group('General').click()
    await group('Display').click()
    await field.getByText('Locked:').waitFor()
    await give('Recover', 'not the passphrase', 1)
    await field.getByText('this passphrase does not open').waitFor()
    await give('Recover', 'a sentence of the window', 1)
    await field.getByText('Set up: the key').waitFor()
    expect(desktop.output()).not.toContain('a sentence of the window')
    await page.keyboard.press('o')
  })

  it('quits cleanly, and opens again where and as it was', async () => {
    const { app, page } = desktop
    await chainShown(page)
    await page.keyboard.press('5')
    await chainShown(page)
    await page.keyboard.press('h')
    await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.setBounds({ x: 300, y: 200, width: 1200, height: 700 }),
    )
    await eventually(async () => expect((await windowState())[0]?.bounds.width).toBe(1200))
    expect(await desktop.quit()).toBe(0)
    expect(desktop.output()).toContain('sealed a journal segment')
    expect(desktop.output()).toContain('stopped; everything received is recorded')
    desktop = await startDesktop(options())
    await desktop.page.getByText('Everything works').waitFor()
    expect(await selectedTab(desktop.page, 'Index')).toContain('SENSEX')
    expect((await windowState())[0]?.bounds).toEqual({ x: 300, y: 200, width: 1200, height: 700 })
    expect(desktop.complaints).toEqual([])
  })

  it('shows a notification for an alert, and its page on a click', async () => {
    await desktop.app.evaluate(({ Notification }) => {
      Notification.isSupported = () => true
      Notification.prototype.show = function show(this: Electron.Notification) {
        Reflect.set(globalThis, 'shown', { title: this.title, body: this.body })
        setImmediate(() => this.emit('click'))
      }
    })
    const rule = {
      name: 'NIFTY is there',
      target: {
        kind: 'chain',
        index: 'NIFTY',
        bucket: 'this_month',
        metric: 'spot',
        condition: { op: 'above', value: 10_000 },
      },
    }
    answered.parse(await askBridge(desktop.page, 'calls', 'createAlertRule', rule))
    await eventually(
      async () =>
        expect(await desktop.app.evaluate(() => Reflect.get(globalThis, 'shown'))).toMatchObject({
          title: 'NIFTY is there (simulated)',
        }),
      30_000,
    )
    await desktop.page.getByRole('main', { name: 'Alerts' }).waitFor({ state: 'attached' })
  })

  it('gets its page back when the page dies or hangs, and no batch is missed', async () => {
    const before = await health()
    await desktop.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
    )
    await eventually(async () => expect(desktop.output()).toContain('the page of the window ended and is loaded again'))
    await eventually(async () => expect(await isLoaded()).toBe(true))
    await eventually(
      async () => expect(await inPage("document.querySelectorAll('tr.atm .ltp, main').length")).toBeGreaterThan(0),
      30_000,
    )
    const reloads = async () =>
      z
        .object({ page_reloads: z.number() })
        .parse(answered.parse(await inPage('window.optrade.desktop.facts({})')).value).page_reloads
    expect(await reloads()).toBe(1)
    // Electron says so after half a minute in which the page has not answered.
    await desktop.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.emit('unresponsive'),
    )
    await eventually(() => expect(desktop.output()).toContain('unresponsive ('))
    await eventually(async () => expect(await isLoaded()).toBe(true))
    await eventually(async () => expect(await reloads()).toBe(2))
    const healthNow = async () =>
      healthSchema.parse(answered.parse(await inPage('window.optrade.calls.health({})')).value)
    await eventually(async () =>
      expect((await healthNow()).record.durable_legs).toBeGreaterThan(before.record.durable_legs),
    )
    expect((await healthNow()).issues).toEqual([])
    const ledger = z.object({ gaps: z.array(z.object({ from: z.string(), cause: z.string() })) })
    const { gaps } = ledger.parse(
      answered.parse(await inPage("window.optrade.calls.coverage({ index: 'NIFTY' })")).value,
    )
    expect(gaps.filter(({ from }) => Date.parse(from) > Date.parse(before.market.time))).toEqual([])
  })

  it('goes nowhere else, opens nothing, and asks for nothing', async () => {
    const outcome = await inPage(`(async () => {
      const opened = window.open('https://example.org')
      location.href = 'https://example.org'
      const position = await new Promise((resolve) =>
        navigator.geolocation.getCurrentPosition(() => resolve(0), ({ code }) => resolve(code)))
      const status = (address) => fetch(address).then((reply) => reply.status, () => 'refused')
      const paths = ['/../../package.json', '/%2e%2e/%2e%2e/package.json', '/..%2f..%2fpackage.json', '/assets/../../x']
      const inside = await Promise.all(paths.map((path) => status('app://optrade' + path)))
      const outside = await Promise.all(['https://example.org', 'file:///etc/hosts', 'app://other/'].map(status))
      return { opened, position, inside, outside, address: location.href.split('#')[0] }
    })()`)
    expect(outcome).toEqual({
      opened: null,
      position: 1,
      inside: [404, 404, 404, 404],
      outside: ['refused', 'refused', 'refused'],
      address: 'app://optrade/index.html',
    })
    expect(await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  })

  it('ends cleanly on SIGTERM', async () => {
    desktop.process.kill('SIGTERM')
    expect(await desktop.ended).toBe(0)
    expect(desktop.output()).toContain('stopped; everything received is recorded')
  })
})
