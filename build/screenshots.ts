import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { launchChromium, openPage } from './browser.ts'
import { buildBundles } from './bundles.js'

/** `node build/screenshots.ts`: draws docs/screenshots anew from a simulated market that is always the same. */

const root = join(import.meta.dirname, '..')
const folder = join(root, 'docs', 'screenshots')
const SPEED = '30'
/** Where the market stands at a start, and how long it runs: the close of a day before, half an hour of the day that is drawn. */
const RUNS = [
  ['2026-11-20T15:20', 25_000],
  ['2026-11-23T10:00', 60_000],
] as const

/** Each page, by the key that leads there, and what must be on it before it is drawn. */
const PAGES = [
  { name: 'chain', keys: ['o', 'ArrowRight', 'ArrowDown'], ready: 'tr.atm td.ltp .num:not(.missing)' },
  { name: 'export', keys: ['e'], ready: '.export-form' },
  { name: 'greeks', keys: ['Escape', 'k'], ready: 'tr.atm .num:not(.missing)' },
  { name: 'charts', keys: ['r'], ready: 'svg.recharts-surface' },
  { name: 'alerts', keys: ['a'], ready: '.alerts-view li, .alerts-view tr' },
  { name: 'health', keys: ['h'], ready: '.health-view section' },
  { name: 'settings', keys: [','], ready: '.settings-view button' },
  // From here on an earlier instant is shown.
  { name: 'history', keys: ['o', 't'], ready: '.app.past tr.atm td.ltp .num:not(.missing)' },
  { name: 'history-charts', keys: ['r'], ready: 'svg.recharts-surface' },
] as const
const SCHEMES = ['dark', 'light'] as const
const SIZES = [
  [1280, 720],
  [2560, 1440],
] as const

/** Rules of a usual day, of which some have fired: an empty page shows nothing. */
const RULES = [
  ['Spot falls', 'spot', { op: 'below', value: 30_000 }],
  ['IV at the money rises', 'atm_iv', { op: 'above', value: 0.25 }],
  ['PCR turns', 'pcr_oi', { op: 'moves', value: 0.2, within_s: 900 }],
] as const

/** Starts the monitor in a folder of its own; resolves with the address of its page. */
function startMonitor(cwd: string, at: string) {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, API_PORT: '0', METRICS_PORT: '0', SIM_SPEED: SPEED, SIM_AT: at }
  const child = spawn(process.execPath, [join(root, 'build', 'optrade.js'), 'run'], { cwd, env })
  const address = new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (part) => {
      text += String(part)
      const match = /the API answers at (http:\/\/[\d.]+:\d+)/.exec(text)
      if (match?.[1] !== undefined) resolve(match[1])
    })
    child.on('close', () => reject(new Error(`the monitor has ended:\n${text}`)))
  })
  const ended = new Promise((resolve) => void child.once('close', resolve))
  const stop = () => {
    child.kill()
    return ended
  }
  return { address, stop }
}

async function makeRules(address: string): Promise<void> {
  for (const [name, metric, condition] of RULES) {
    const target = { kind: 'chain', index: 'NIFTY', bucket: 'this_week', metric, condition }
    const body = JSON.stringify({ name, target, channels: ['tray'] })
    const headers = { 'content-type': 'application/json' }
    const reply = await fetch(`${address}/alerts/rules`, { method: 'POST', headers, body })
    if (!reply.ok) throw new Error(await reply.text())
  }
}

async function take(page: Page, name: string, ready: string): Promise<void> {
  await page.locator(ready).first().waitFor()
  // Rates and lags are means over seconds, and charts draw themselves when they are in sight.
  await page.waitForTimeout(3_000)
  await page.screenshot({ path: join(folder, `${name}.png`) })
  console.log(`drew docs/screenshots/${name}.png`)
}

const fault = buildBundles(process.execPath)
if (fault !== null) throw new Error(fault)
mkdirSync(folder, { recursive: true })
const cwd = mkdtempSync(join(tmpdir(), 'op-trading-screenshots-'))
const browser = await launchChromium()
let monitor: ReturnType<typeof startMonitor> | null = null
try {
  let address = ''
  for (const [at, runMs] of RUNS) {
    await monitor?.stop()
    console.log(`the market runs from ${at}, so that there is something to draw …`)
    monitor = startMonitor(cwd, at)
    address = await monitor.address
    if (at === RUNS[0][0]) await makeRules(address)
    await setTimeout(runMs)
  }
  for (const scheme of SCHEMES) {
    const { page } = await openPage(browser, address, scheme)
    for (const [width, height] of SIZES) {
      await page.setViewportSize({ width, height })
      for (const { name, keys, ready } of PAGES) {
        for (const key of keys) await page.keyboard.press(key)
        await take(page, `${name}-${scheme}-${width}`, ready)
      }
      await page.keyboard.press('l')
    }
    await page.context().close()
  }
} finally {
  await browser.close()
  await monitor?.stop()
  rmSync(cwd, { recursive: true, force: true, maxRetries: 5 })
}
