import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { launchChromium, openPage } from './browser.ts'
import { buildPage } from './page.js'

/** `node build/screenshots.ts`: draws docs/screenshots anew from a simulated market that is always the same. */

const root = join(import.meta.dirname, '..')
const folder = join(root, 'docs', 'screenshots')

interface Shot {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly scheme: 'dark' | 'light'
  /** Keys pressed before it is taken. */
  readonly keys: readonly string[]
}

const SHOTS: readonly Shot[] = [
  { name: 'chain-dark', width: 1280, height: 720, scheme: 'dark', keys: ['ArrowRight', 'ArrowDown'] },
  { name: 'chain-light', width: 1280, height: 720, scheme: 'light', keys: ['2'] },
  { name: 'greeks-dark', width: 1280, height: 720, scheme: 'dark', keys: ['g', 'ArrowRight', 'ArrowDown'] },
  { name: 'health-light', width: 1280, height: 720, scheme: 'light', keys: ['h'] },
]

/** Starts the monitor in a folder of its own; resolves with the address of its page. */
function startMonitor(cwd: string) {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, API_PORT: '0', METRICS_PORT: '0' }
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
  return { address, stop: () => child.kill() }
}

async function take(page: Page, { name, width, height, keys }: Shot): Promise<void> {
  await page.setViewportSize({ width, height })
  await page.locator('tr.atm td.ltp .num:not(.missing)').first().waitFor()
  for (const key of keys) {
    await page.keyboard.press(key)
    await page.locator('tr.atm td.ltp .num:not(.missing), .health-view section').first().waitFor()
  }
  // Rates and lags are means over seconds: before that they are those of the start.
  await page.waitForTimeout(4_000)
  await page.screenshot({ path: join(folder, `${name}.png`) })
  console.log(`drew docs/screenshots/${name}.png`)
}

const fault = buildPage(process.execPath)
if (fault !== null) throw new Error(fault)
mkdirSync(folder, { recursive: true })
const cwd = mkdtempSync(join(tmpdir(), 'op-trading-screenshots-'))
const monitor = startMonitor(cwd)
const browser = await launchChromium()
try {
  const address = await monitor.address
  for (const shot of SHOTS) {
    const { page } = await openPage(browser, address, shot.scheme)
    await take(page, shot)
    await page.context().close()
  }
} finally {
  await browser.close()
  monitor.stop()
  rmSync(cwd, { recursive: true, force: true, maxRetries: 5 })
}
