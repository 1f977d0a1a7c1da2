import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { z } from 'zod'
import { launchChromium } from '../build/browser.ts'
import { buildBundles } from '../build/bundles.js'
import { istInstant } from '../core/domain/ist.ts'
import { serveExchange } from '../core/runtime/sim-server.ts'
import { silentLogger } from '../core/testing/silent-logger.ts'
import type { Arena, Claim, Contestant, SeenBenchmark } from './harness.ts'
import { buildNaivePage, startPageServer } from './page-server.ts'
import { startStubTicker, type Written } from './page-ticker.ts'
import { openWindow, percentile } from './page-visit.ts'
import { ended, folderFor, startProduct, startProgram } from './programs.ts'

const SETTLE_MS = 2_500
const LOOK_MS = 6_000
/** Rows on either side of the money that are watched: those that the product's page has in view. */
const WATCHED_ROWS = 15
const SHARES = [0.5, 0.95, 0.99] as const
const INDEX = 'SENSEX'
const SIZES = [41, 410] as const
const GOALS = { 41: { pass: 0.6, ambitious: 0.5 }, 410: { pass: 0.6, ambitious: 0.25 } } as const
const SEED = 42
const START = istInstant('2026-11-23', '10:00')
/** As many as the naive page draws of a leg. */
const COLUMNS = ['ltp', 'change', 'bid', 'ask', 'volume', 'oi', 'iv', 'delta', 'theta', 'vega']

type Who = 'product' | 'naive'
type Size = (typeof SIZES)[number]

const seenSchema = z.array(z.object({ slot: z.number(), price: z.number(), at: z.number() }))

/**
 * Notes every price that is new on the screen, and when: a task that follows the frame's paint looks and takes the
 * time.
 */
const WATCH = `(first, last) => {
  globalThis.seen = []
  const shown = new Map()
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    const at = performance.timeOrigin + performance.now()
    for (const cell of document.querySelectorAll('td.ltp')) {
      const slot = Number(cell.dataset.slot)
      const text = cell.textContent
      if (slot < first || slot > last || shown.get(slot) === text) continue
      if (shown.has(slot)) seen.push({ slot, price: Number(text.replace(/[^0-9.]/g, '')), at })
      shown.set(slot, text)
    }
  }
  const onFrame = () => {
    requestAnimationFrame(onFrame)
    port2.postMessage(0)
  }
  onFrame()
}`

/** Milliseconds from the write of a price to its paint, for all prices that were painted. */
function latencies(
  seen: z.infer<typeof seenSchema>,
  tokens: readonly number[],
  written: ReadonlyMap<number, readonly Written[]>,
): number[] {
  return seen.flatMap(({ slot, price, at }) => {
    const list = written.get(tokens[slot] ?? 0) ?? []
    const first = list.findLast((one) => one.at <= at && Math.abs(one.price - price) < 0.004)
    return first === undefined ? [] : [at - first.at]
  })
}

/** Everything between the ticker's socket and the screen, for both. */
async function startBoth(folder: string) {
  const options = { port: 0, seed: SEED, speed: 1, at: START, fault: null, recorded: null, redirectUrl: null }
  const keys = { apiKey: 'product', apiSecret: 'bench', dataDir: folder }
  const exchange = await serveExchange({ ...options, ...keys }, silentLogger)
  const ticker = await startStubTicker({ index: INDEX, seed: SEED, startMs: START })
  const token = /KITE_ACCESS_TOKEN=(\S+)/.exec(exchange.environment)?.[1] ?? ''
  const product = startProduct(folder, {
    ...{ INDICES: INDEX, KITE_API_KEY: 'product', KITE_ACCESS_TOKEN: token },
    ...{ KITE_ROOT: exchange.origin, KITE_TICKER_ROOT: ticker.root },
  })
  const script = join(import.meta.dirname, 'page-naive-server.ts')
  const naive = startProgram(
    [script, `${ticker.root}/?api_key=naive`, JSON.stringify(ticker.contracts)],
    /port (\d+)/,
    folder,
  )
  const pages = await startPageServer()
  const addresses = {
    product: await product.found,
    naive: `${pages.address}/naive/?stream=http://127.0.0.1:${await naive.found}/`,
  }
  return {
    ticker,
    addresses,
    async close() {
      await pages.close()
      await ended(product.child)
      await ended(naive.child)
      await ticker.close()
      await exchange.stop()
    },
  }
}

/** One look at one page, from its opening to its end: latencies in milliseconds. */
async function look(browser: Browser, both: Awaited<ReturnType<typeof startBoth>>, who: Who, legs: Size) {
  const { ticker, addresses } = both
  const { tokens, strikes, spot } = ticker.contracts
  const money = strikes.findIndex((strike) => strike > spot)
  const page = await openWindow(browser, { index: INDEX, price: COLUMNS })
  const playing = ticker.play(who, legs)
  try {
    await page.goto(addresses[who])
    await page.locator('td.ltp').first().waitFor({ timeout: 120_000 })
    await pause(SETTLE_MS)
    await page.evaluate(`(${WATCH})(${2 * (money - WATCHED_ROWS)}, ${2 * (money + WATCHED_ROWS)})`)
    await pause(LOOK_MS)
    const values = latencies(seenSchema.parse(await page.evaluate('globalThis.seen')), tokens, playing.written)
    if (values.length < 20) throw new RangeError(`only ${values.length} prices were painted at ${addresses[who]}`)
    return values
  } finally {
    playing.stop()
    await page.context().close()
  }
}

const sizeText = (legs: Size) => `${legs} legs a message`
const nameOf = (who: Who, legs: Size, share: number) => `${who}, ${sizeText(legs)}, p${Math.round(100 * share)}`

async function open(): Promise<Arena> {
  const fault = buildBundles(process.execPath)
  if (fault !== null) throw new Error(fault)
  await buildNaivePage()
  const folder = folderFor('screen')
  const both = await startBoth(folder)
  const browser = await launchChromium()
  return {
    contestants: SIZES.flatMap((legs) =>
      (['product', 'naive'] as const).map(
        (who): Contestant => ({
          name: `${who}, ${sizeText(legs)}`,
          async run() {
            const values = await look(browser, both, who, legs)
            return Object.fromEntries(SHARES.map((share) => [nameOf(who, legs, share), percentile(values, share)]))
          },
        }),
      ),
    ),
    claims: SIZES.flatMap((legs) =>
      SHARES.map(
        (share): Claim => ({
          text: `product / naive assembly, socket to screen, ${sizeText(legs)}, p${Math.round(100 * share)}`,
          ...{ of: nameOf('product', legs, share), to: nameOf('naive', legs, share), better: 'lower' },
          ...(share === 0.95 ? GOALS[legs] : { pass: null, ambitious: null }),
        }),
      ),
    ),
    async close() {
      await browser.close()
      await both.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const screen: SeenBenchmark = {
  name: 'screen',
  title: 'From the socket to the screen',
  description: `From the write of a price to the socket of the ticker to its paint on the screen, as PERFORMANCE.md asks it: ten messages a
second of 41 or of 410 legs (a tenth of a chain of 196 strikes, or all of it) from a ticker that sends the same to the product
(\`optrade run\`) and to the naive assembly (parser of \`kiteconnect\`, \`@uqee/black-scholes\`, the whole chain as JSON with every
message, React draws every row), each a process of its own; only the one that is looked at is sent anything. Ten columns a
side, in Chromium at 1920 × 1080; the prices of ${2 * WATCHED_ROWS} strikes around the money count. The product sends a screen ten messages
a second at most (docs/adr/0012), the naive assembly as many as come.`,
  figures: 'ms',
  open,
}
