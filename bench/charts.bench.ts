import { rmSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../build/browser.ts'
import { buildBundles } from '../build/bundles.js'
import type { Arena, Contestant, SeenBenchmark } from './harness.ts'
import { buildNaivePage, startPageServer } from './page-server.ts'
import { openWindow, percentile, startFrames, threadMs, timesBetweenFrames } from './page-visit.ts'
import { ended, folderFor, startProduct } from './programs.ts'

/** Market seconds in a second: the chain changes with every message. */
const SPEED = 20
/** Minutes of the market before the first look, so that the lines of the day are there. */
const DAY_MINUTES = 20
const RATE = 10
const SETTLE_MS = 2_000
const LOOK_MS = 4_000
const FRAME_MS = 1000 / 60

/** Counts the frames in which the first chart was drawn anew: a page that has no time for all updates draws fewer. */
const COUNT = `(() => {
  globalThis.drawings = 0
  let isNew = false
  new MutationObserver(() => {
    if (!isNew) requestAnimationFrame(() => (isNew = false))
    if (!isNew) drawings += 1
    isNew = true
  }).observe(document.querySelector('.recharts-wrapper'), { subtree: true, childList: true, attributes: true })
})()`

const OURS = 'all charts of the page'
const NAIVE = 'one recharts line of 2,000 points'
const mainName = (who: string) => `${who}: main thread, an update`
const frameName = (who: string) => `${who}: p95 between frames`

/** Main thread and frames of a page that draws ten times a second. */
async function look(browser: Browser, address: string, who: string, drawn: string) {
  const page = await openWindow(browser, { view: 'charts', chartRate: RATE })
  try {
    await page.goto(address)
    await page.locator(drawn).first().waitFor({ state: 'attached' })
    await pause(SETTLE_MS)
    const session = await page.context().newCDPSession(page)
    // Processor time of the thread: a busy neighbour then costs it little.
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
    await startFrames(page)
    await page.evaluate(COUNT)
    const before = await threadMs(session)
    await pause(LOOK_MS)
    const spent = (await threadMs(session)) - before
    const between = await timesBetweenFrames(page)
    const drawings = await page.evaluate<number>('globalThis.drawings')
    return { [mainName(who)]: spent / drawings, [frameName(who)]: percentile(between, 0.95) }
  } finally {
    await page.context().close()
  }
}

async function open(): Promise<Arena> {
  const fault = buildBundles(process.execPath)
  if (fault !== null) throw new Error(fault)
  await buildNaivePage('charts-naive')
  const folder = folderFor('charts')
  const product = startProduct(folder, { SIM_SPEED: String(SPEED), SIM_AT: '2026-11-23T10:00+05:30' })
  const files = await startPageServer()
  const browser = await launchChromium()
  const address = await product.found
  await pause((DAY_MINUTES * 60_000) / SPEED)
  const drawn = '.recharts-surface path[d]'
  const contestants: readonly Contestant[] = [
    { name: OURS, run: () => look(browser, address, OURS, drawn) },
    { name: NAIVE, run: () => look(browser, `${files.address}/naive/`, NAIVE, drawn) },
  ]
  const text = `all charts / ${NAIVE}, main thread`
  const frames = { of: frameName(OURS), to: 'one frame at 60 Hz', better: 'lower' } as const
  return {
    contestants,
    allowances: [{ name: 'one frame at 60 Hz', figure: FRAME_MS }],
    claims: [
      { text: 'p95 between frames / one frame', ...frames, pass: null, ambitious: 1.1 },
      { text, of: mainName(OURS), to: mainName(NAIVE), better: 'lower', pass: null, ambitious: null },
    ],
    async close() {
      await browser.close()
      await files.close()
      await ended(product.child)
      rmSync(folder, { recursive: true })
    },
  }
}

export const charts: SeenBenchmark = {
  name: 'charts',
  title: 'The charts on the screen',
  description: `The page's charts (recharts with decimated data) of a simulated market at ${SPEED} times its speed, drawn anew ${RATE} times a second, in
Chromium at 1920 × 1080: what the main thread does while the first of them is drawn once (script, style, layout, paint; its processor time) and how far
apart frames are, against one line of 2,000 points that recharts draws as often, without decimation.`,
  figures: 'ms',
  open,
}
