import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { z } from 'zod'
import { launchChromium } from '../build/browser.ts'
import { buildPage } from '../build/page.js'
import { optionChainSchema } from '../core/contract/api-schema.ts'
import { serveExchange } from '../core/runtime/sim-server.ts'
import { silentLogger } from '../core/testing/silent-logger.ts'
import type { Arena, Benchmark, Contestant } from './harness.ts'
import { buildNaivePage, COLUMN_IDS, startPageServer } from './page-server.ts'
import { startTap, type Tap, type Written } from './page-tap.ts'

const COLUMNS = COLUMN_IDS.length
/** Market seconds in a second: as many ticks as on a busy day. */
const SPEED = 5
const SETTLE_MS = 2_500
const LOOK_MS = 6_000
const CACHE = join(import.meta.dirname, '../node_modules/.cache')
const SHARES = [0.5, 0.95, 0.99] as const
const seenSchema = z.array(z.object({ slot: z.number(), price: z.number(), at: z.number() }))

/** Notes every price that is painted, and when: a task that follows the frame's paint takes the time. */
const WATCH = `(() => {
  globalThis.seen = []
  let waiting = []
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    const at = performance.timeOrigin + performance.now()
    for (const one of waiting) seen.push({ ...one, at })
    waiting = []
  }
  const onFrame = () => {
    requestAnimationFrame(onFrame)
    port2.postMessage(0)
  }
  onFrame()
  new MutationObserver((records) => {
    for (const { target } of records) {
      const cell = (target instanceof Element ? target : target.parentElement)?.closest('td.ltp')
      const price = Number(cell?.textContent?.replace(/[^0-9.]/g, '') || Number.NaN)
      if (cell && price > 0) waiting.push({ slot: Number(cell.dataset.slot), price })
    }
  }).observe(document.querySelector('table'), { subtree: true, childList: true, characterData: true })
})()`

/** Milliseconds from the write of a price to its paint, for all prices that were painted. */
function latencies(seen: z.infer<typeof seenSchema>, tokens: readonly number[], written: Tap['written']): number[] {
  return seen.flatMap(({ slot, price, at }) => {
    const list: readonly Written[] = written.get(tokens[slot] ?? 0) ?? []
    const first = list.findLast((one) => one.at <= at && Math.abs(one.price - price) < 0.004)
    // A price that was not written in the time that is looked at was painted anew for another reason.
    return first === undefined || at - first.at > LOOK_MS ? [] : [at - first.at]
  })
}

async function look(page: Page, address: string, tokens: readonly number[], tap: Tap): Promise<readonly number[]> {
  await page.goto(address)
  await page.locator('td.ltp').first().waitFor()
  await pause(SETTLE_MS)
  await page.evaluate(WATCH)
  await pause(LOOK_MS)
  const values = latencies(seenSchema.parse(await page.evaluate('globalThis.seen')), tokens, tap.written)
  if (values.length < 20) throw new RangeError(`only ${values.length} prices were painted at ${address}`)
  return values.sort((a, b) => a - b)
}

/** A program of its own; resolves with what it prints that matches. */
function start(args: readonly string[], pattern: RegExp, cwd: string, env: NodeJS.ProcessEnv = {}) {
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, args, { cwd, env: { PATH, HOME, ...env } })
  const found = new Promise<string>((resolve, reject) => {
    let text = ''
    const onText = (part: Buffer) => {
      text += String(part)
      const match = pattern.exec(text)
      if (match?.[1] !== undefined) resolve(match[1])
    }
    child.stdout.on('data', onText)
    child.stderr.on('data', onText)
    child.on('close', () => reject(new Error(`${args.join(' ')} has ended:\n${text}`)))
  })
  return { child, found }
}

async function ended(child: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => void child.once('close', resolve))
  child.kill()
  await closed
}

/** Contracts of the chain as the product lists them. */
async function contractsOf(address: string) {
  const until = performance.now() + 30_000
  for (;;) {
    const reply = await fetch(`${address}/option-chain/NIFTY`)
    const chain = optionChainSchema.safeParse(await reply.json())
    if (chain.success && chain.data.spot !== null) {
      const { rows, spot } = chain.data
      const tokens = rows.flatMap(({ call, put }) => [call?.token ?? 0, put?.token ?? 0])
      if (tokens.every((token) => token > 0)) return { spot, strikes: rows.map(({ strike }) => strike), tokens }
    }
    if (performance.now() > until) throw new RangeError(`no whole chain at ${address}`)
    await pause(200)
  }
}

/** Everything between the exchange's socket and the screen, for both. */
async function startBoth(folder: string) {
  const options = { port: 0, seed: 42, speed: SPEED, at: null, fault: null, recorded: null, redirectUrl: null }
  const keys = { apiKey: 'bench', apiSecret: 'bench', dataDir: folder }
  const exchange = await serveExchange({ ...options, ...keys }, silentLogger)
  const taps = { product: await startTap(portOf(exchange.origin)), naive: await startTap(portOf(exchange.origin)) }
  const token = /KITE_ACCESS_TOKEN=(\S+)/.exec(exchange.environment)?.[1] ?? ''
  const product = start(
    [join(import.meta.dirname, '../build/optrade.js'), 'run'],
    /API answers at (http:\S+?),/,
    folder,
    {
      ...{ API_PORT: '0', METRICS_PORT: '0', INDICES: 'NIFTY', KITE_API_KEY: 'bench', KITE_ACCESS_TOKEN: token },
      ...{ KITE_ROOT: exchange.origin, KITE_TICKER_ROOT: `ws://127.0.0.1:${taps.product.port}` },
    },
  )
  const address = await product.found
  const contracts = await contractsOf(address)
  const ticker = `ws://127.0.0.1:${taps.naive.port}/?api_key=bench&access_token=${token}`
  const script = join(import.meta.dirname, 'page-naive-server.ts')
  const naive = start([script, ticker, JSON.stringify(contracts)], /port (\d+)/, folder)
  return { exchange, taps, product, naive, address, tokens: contracts.tokens, naivePort: await naive.found }
}

const portOf = (origin: string): number => Number(new URL(origin).port)

async function pageOf(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } })
  const page = await context.newPage()
  const price = JSON.stringify({ price: COLUMN_IDS })
  await page.addInitScript((kept) => localStorage.setItem('optrade.preferences', kept), price)
  return page
}

const nameOf = (who: string, share: number) => `${who}, p${Math.round(100 * share)}`

/** One that is looked at, and its percentiles, which are those of the look before. */
function contestantsOf(who: string, lookOnce: () => Promise<readonly number[]>): readonly Contestant[] {
  let seen: readonly number[] = []
  const at = (share: number) => seen[Math.min(seen.length - 1, Math.floor(share * seen.length))] ?? Number.NaN
  return SHARES.map((share, place) => ({
    name: nameOf(who, share),
    async run() {
      if (place === 0) seen = await lookOnce()
      return { units: 1, ns: at(share) * 1e6 }
    },
  }))
}

async function open(): Promise<Arena> {
  const fault = buildPage(process.execPath)
  if (fault !== null) throw new Error(fault)
  await buildNaivePage()
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, 'bench-screen-'))
  const files = await startPageServer()
  const browser = await launchChromium()
  const both = await startBoth(folder)
  const lookAt = (address: string, tap: Tap) => async () => {
    const page = await pageOf(browser)
    try {
      return await look(page, address, both.tokens, tap)
    } finally {
      await page.context().close()
    }
  }
  const naiveAddress = `${files.address}/naive/?stream=http://127.0.0.1:${both.naivePort}/`
  return {
    contestants: [
      ...contestantsOf('product', lookAt(both.address, both.taps.product)),
      ...contestantsOf('naive', lookAt(naiveAddress, both.taps.naive)),
    ],
    claims: SHARES.map((share) => ({
      text: `product / naive assembly, socket to screen, p${Math.round(100 * share)}`,
      ...{ of: nameOf('product', share), to: nameOf('naive', share), better: 'lower' },
      ...(share === 0.95 ? { pass: 0.6, ambitious: 0.25 } : { pass: null, ambitious: null }),
    })),
    async close() {
      await browser.close()
      await files.close()
      await ended(both.product.child)
      await ended(both.naive.child)
      for (const tap of Object.values(both.taps)) await tap.close()
      await both.exchange.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const screen: Benchmark = {
  name: 'screen',
  title: 'From the socket to the screen',
  description: `From the write of a price to the socket of the ticker to its paint on the screen: a simulated exchange at ${SPEED} times
the speed of the market, the product (\`optrade run\`, ${COLUMNS} columns a side) and the naive assembly (parser of \`kiteconnect\`,
\`@uqee/black-scholes\`, the whole chain as JSON with every frame, React draws every row), each a process of its own, in
Chromium at 1920 × 1080. The product sends a screen at most ten states a second, which is up to 100 ms of its time.`,
  unit: 'price',
  cost: 'elapsed',
  roundMs: 1,
  open,
}
