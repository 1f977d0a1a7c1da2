import { setTimeout as pause } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../build/browser.ts'
import { buildBundles } from '../build/bundles.js'
import type { ChainLegRow, ChainMessage } from '../core/contract/chain-stream.ts'
import type { Arena, Contestant, SeenBenchmark } from './harness.ts'
import { createPageMarket, STRIKES } from './page-market.ts'
import { buildNaivePage, COLUMN_IDS, type PageServer, startPageServer } from './page-server.ts'
import { openWindow, percentile, startFrames, threadMs, timesBetweenFrames } from './page-visit.ts'

const COLUMNS = COLUMN_IDS.length
const EVERY_MS = 100
const UPDATES = 25
/** Before the first that is measured: compiled, laid out, warm. */
const WARM = 8
const FRAME_MS = 1000 / 60
const KINDS = ['product', 'naive'] as const
const SHARES = [
  [0.1, '10 % of the legs change'],
  [1, 'every leg changes'],
] as const

type Kind = (typeof KINDS)[number]

interface Run {
  /** Processor time of the main thread for an update, all of it: script, style, layout, paint. */
  readonly mainMs: number
  /** 95th percentile of the time between frames. */
  readonly frameMs: number
}

const UNTIL_PAINTED =
  'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))'

/** Sends updates to the page at ten a second, and the whole chain first. */
function play(page: Page, write: (event: string, data: unknown) => void, kind: Kind, share: number) {
  const market = createPageMarket()
  const legs: ChainLegRow[] = []
  const strikes: number[] = []
  const send = (message: ChainMessage) => {
    for (const row of message.legs) legs[row[0]] = row
    if (message.full) strikes.push(...message.strikes)
    if (kind === 'product') write('chain', message)
    else write('message', { strikes, legs: legs.map((row) => numbersOf(row)) })
  }
  send(market.whole())
  return async (count: number) => {
    for (let sent = 0; sent < count; sent += 1) {
      await pause(EVERY_MS)
      send(market.step(share))
      // What cannot keep up gets the next one when it is ready, so that no update is passed over.
      await page.evaluate(UNTIL_PAINTED)
    }
  }
}

/** The numbers of a leg for the 27 columns of the naive page. */
function numbersOf(row: ChainLegRow): readonly (number | null)[] {
  const numbers = row.slice(1, 23).map((value) => (typeof value === 'number' ? value : null))
  return [...numbers, ...numbers].slice(0, COLUMNS)
}

/** One page of its own, from its opening to its end. */
async function measurePage(browser: Browser, server: PageServer, kind: Kind, share: number): Promise<Run> {
  const page = await openWindow(browser, { price: COLUMN_IDS })
  const context = page.context()
  try {
    const opened = new Promise<Parameters<PageServer['onStream']>[0]>((resolve) => {
      server.onStream = resolve
    })
    await page.goto(kind === 'product' ? server.address : `${server.address}/naive/`)
    const send = play(page, await opened, kind, share)
    await page.locator('tr[data-strike] td').first().waitFor()
    await send(WARM)
    const session = await context.newCDPSession(page)
    // Processor time of the thread: a busy neighbour then costs it little.
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
    await startFrames(page)
    const before = await threadMs(session)
    await send(UPDATES)
    await pause(EVERY_MS)
    const spent = (await threadMs(session)) - before
    return { mainMs: spent / UPDATES, frameMs: percentile(await timesBetweenFrames(page), 0.95) }
  } finally {
    await context.close()
  }
}

const nameOf = (kind: Kind, what: string) => `${kind === 'product' ? 'this page' : 'naive React page'}, ${what}`
const frameName = (kind: Kind, what: string) => `${nameOf(kind, what)}: p95 between frames`

async function open(): Promise<Arena> {
  const fault = buildBundles(process.execPath)
  if (fault !== null) throw new Error(fault)
  await buildNaivePage()
  const server = await startPageServer()
  const browser = await launchChromium()
  const contestants = SHARES.flatMap(([share, what]) =>
    KINDS.map((kind): Contestant => {
      const name = nameOf(kind, what)
      return {
        name,
        async run() {
          const { mainMs, frameMs } = await measurePage(browser, server, kind, share)
          return { [name]: mainMs, [frameName(kind, what)]: frameMs }
        },
      }
    }),
  )
  return {
    contestants,
    allowances: [{ name: 'one frame at 60 Hz', figure: FRAME_MS }],
    claims: SHARES.flatMap(([, what]) => [
      {
        text: `this page / naive React page, main thread, ${what}`,
        ...{ of: nameOf('product', what), to: nameOf('naive', what), better: 'lower', pass: 0.6, ambitious: 0.33 },
      } as const,
      {
        text: `p95 between frames / one frame, ${what}`,
        ...{ of: frameName('product', what), to: 'one frame at 60 Hz', better: 'lower', pass: null, ambitious: 1.1 },
      } as const,
    ]),
    async close() {
      await browser.close()
      await server.close()
    },
  }
}

export const page: SeenBenchmark = {
  name: 'page',
  title: 'The chain on the screen',
  description: `A chain of ${STRIKES} strikes, both rights, ${COLUMNS} columns a side, ten updates a second, in Chromium at 1920 × 1080: what
the page's main thread does for an update (script, style, layout, paint; its processor time) and how far apart frames are, against a React
page that gets the whole chain as JSON and draws every row, without flashes, bars, marks and ages.`,
  figures: 'ms',
  open,
}
