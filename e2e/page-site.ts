import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { launchChromium, type OpenPage, openPage } from '../build/browser.ts'
import { buildBundles } from '../build/bundles.js'
import { API_ADDRESS, type Running, startOptrade, temporaryFolder } from './product.ts'

/** A running product and a browser for the tests of one file; pages are closed after each test. */
export interface PageSite {
  /** Where the product has its data folder. */
  readonly folder: string
  /** Of the product that runs. */
  address(): string
  running(): Running
  /** Its page with a chain on it. */
  open(scheme?: 'dark' | 'light', user?: 'usual' | 'first'): Promise<OpenPage>
  /** Stops the product; resolves with its exit status. */
  stop(): Promise<number | null>
  /** Starts it again at the same address, with these settings in addition. */
  restart(more?: Readonly<Record<string, string>>): Promise<void>
}

/** To be called where a file begins: it starts the product before the first test, and ends it after the last. */
export function pageSite(settings: Readonly<Record<string, string>> = {}): PageSite {
  const folder = temporaryFolder()
  const pages: Page[] = []
  let browser: Browser | null = null
  let product: Running | null = null
  let address = ''
  const start = async (more: Readonly<Record<string, string>>) => {
    product = startOptrade(['run'], folder.path, { ...settings, ...more })
    address = await product.waitFor(API_ADDRESS)
  }
  beforeAll(async () => {
    expect(buildBundles(process.execPath)).toBeNull()
    const launched = launchChromium()
    await start({})
    browser = await launched
  }, 60_000)
  afterEach(async () => {
    for (const page of pages.splice(0)) await page.context().close()
  })
  afterAll(async () => {
    await browser?.close()
    await product?.stop('SIGKILL')
    folder.remove()
  })
  return {
    folder: folder.path,
    address: () => address,
    running() {
      if (product === null) throw new Error('the product has not been started')
      return product
    },
    async open(scheme = 'dark', user = 'usual') {
      if (browser === null) throw new Error('the browser has not been started')
      const opened = await openPage(browser, address, scheme, user)
      pages.push(opened.page)
      await chainShown(opened.page)
      return opened
    },
    stop: async () => (await product?.stop()) ?? null,
    restart: (more = {}) => start({ ...more, API_PORT: new URL(address).port }),
  }
}

/** Waits for the ATM row with prices on both sides. */
export async function chainShown(page: Page): Promise<void> {
  await page.locator('tr.atm td.ce.ltp .num:not(.missing)').waitFor()
  await page.locator('tr.atm td.pe.ltp .num:not(.missing)').waitFor()
}
