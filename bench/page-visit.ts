/// <reference lib="dom" />
import type { Browser, CDPSession, Page } from 'playwright-core'

/** A window of its own, as large as a desk has, on which the product's page shows what `kept` says. */
export async function openWindow(browser: Browser, kept: Readonly<Record<string, unknown>>): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } })
  const page = await context.newPage()
  const preferences = JSON.stringify({ onboarded: true, ...kept })
  await page.addInitScript((text) => localStorage.setItem('optrade.preferences', text), preferences)
  return page
}

/** The value below which a share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

/** What the page's main thread has done so far, milliseconds; `Performance.enable` says of which clock. */
export async function threadMs(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN)
}

/** Remembers the times of frames from now on. */
export const startFrames = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const times: number[] = []
    Object.assign(globalThis, { frameTimes: times })
    const onFrame = (at: number) => {
      times.push(at)
      requestAnimationFrame(onFrame)
    }
    requestAnimationFrame(onFrame)
  })

/** Milliseconds between the frames since `startFrames`. */
export async function timesBetweenFrames(page: Page): Promise<readonly number[]> {
  const times = await page.evaluate<number[]>('globalThis.frameTimes')
  return times.slice(1).map((at, place) => at - (times[place] ?? at))
}
