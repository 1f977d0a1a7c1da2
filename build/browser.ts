import { type Browser, chromium, type Page } from 'playwright-core'
import { CHROMIUM } from './provision.ts'

/** Chromium as it can run everywhere, also as root in a container, without calls of its own to anywhere. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
}

export interface OpenPage {
  readonly page: Page
  /** What the browser complained about: errors of scripts, refusals of the policy. */
  readonly complaints: readonly string[]
}

/** Keeps what the page keeps itself when its first steps are skipped. */
const SKIP_FIRST_STEPS = `
  try {
    if (localStorage.getItem('optrade.preferences') === null)
      localStorage.setItem('optrade.preferences', '{"onboarded":true}')
  } catch {}`

/**
 * The page of a running product in a window of its own, with nothing remembered; `first` of a user who sees it for the
 * first time, with its first steps.
 */
export async function openPage(
  browser: Browser,
  address: string,
  colorScheme: 'dark' | 'light' = 'dark',
  user: 'usual' | 'first' = 'usual',
) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, colorScheme })
  // The empty page that a window begins with has no storage.
  if (user === 'usual') await context.addInitScript(SKIP_FIRST_STEPS)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (fault) => complaints.push(String(fault)))
  page.on('console', (message) => {
    // A stopped server is the matter of one test, and no fault of the page.
    if (message.type() === 'error' && !message.text().includes('net::ERR')) complaints.push(message.text())
  })
  await page.goto(address)
  return { page, complaints } satisfies OpenPage
}
