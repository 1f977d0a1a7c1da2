import { rmSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { CDPSession } from 'playwright-core'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { launchChromium } from '../build/browser.ts'
import { buildBundles } from '../build/bundles.js'
import { healthSchema } from '../core/contract/api-schema.ts'
import type { Arena, Contestant, SeenBenchmark } from './harness.ts'
import { openWindow } from './page-visit.ts'
import { ended, firstMatch, folderFor, startProduct } from './programs.ts'

/** Market seconds in a second. */
const SPEED = 30
const MINUTE_MS = 60_000 / SPEED
/** Caches fill and code is compiled before the hour that is looked at. */
const WARM_MINUTES = 20
const MINUTES = 60
const EVERY_MINUTES = 4
const MIB = 2 ** 20

interface Reading {
  /** Market minutes since the first. */
  readonly minute: number
  readonly heap: number
  readonly rss: number
  readonly page: number
  readonly ticks: number
}

const heapReplySchema = z.object({ id: z.number(), result: z.object({ usedSize: z.number().optional() }) })

/** Heap of a program that was started with its inspector open, after a collection of garbage; bytes. */
async function inspectorOf(address: string) {
  const socket = new WebSocket(address)
  await new Promise((resolve) => void socket.once('open', resolve))
  let id = 0
  const call = (method: string) =>
    new Promise<number>((resolve) => {
      id += 1
      const own = id
      const onMessage = (data: unknown) => {
        const reply = heapReplySchema.safeParse(JSON.parse(String(data)))
        if (!reply.success || reply.data.id !== own) return
        socket.off('message', onMessage)
        resolve(reply.data.result.usedSize ?? 0)
      }
      socket.on('message', onMessage)
      socket.send(JSON.stringify({ id: own, method }))
    })
  return {
    async heap() {
      await call('HeapProfiler.collectGarbage')
      return call('Runtime.getHeapUsage')
    },
    close: () => socket.close(),
  }
}

async function pageHeap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  return (await session.send('Runtime.getHeapUsage')).usedSize
}

async function healthOf(address: string) {
  return healthSchema.parse(await (await fetch(`${address}/health`)).json())
}

/** Straight line through the values by least squares: how much they rise in an hour of the market. */
function hourly(readings: readonly Reading[], value: (reading: Reading) => number): number {
  const mean = (of: (reading: Reading) => number) => readings.reduce((sum, one) => sum + of(one), 0) / readings.length
  const [x, y] = [mean(({ minute }) => minute), mean(value)]
  const over = readings.reduce((sum, one) => sum + (one.minute - x) * (value(one) - y), 0)
  return (60 * over) / readings.reduce((sum, one) => sum + (one.minute - x) ** 2, 0)
}

/** An hour of the market in the product and in one page that follows a chain. */
async function runHour(): Promise<readonly Reading[]> {
  const folder = folderFor('memory')
  const flags = ['--inspect=127.0.0.1:0']
  const env = { SIM_SPEED: String(SPEED), SIM_AT: '2026-11-23T10:00+05:30' }
  const product = startProduct(folder, env, flags)
  const inspector = await inspectorOf(await firstMatch(product.child, /listening on (ws:\S+)/))
  const address = await product.found
  const browser = await launchChromium()
  try {
    const page = await openWindow(browser, {})
    await page.goto(address)
    const session = await page.context().newCDPSession(page)
    await pause(WARM_MINUTES * MINUTE_MS)
    const readings: Reading[] = []
    const begin = Date.parse((await healthOf(address)).market.time)
    for (let minute = 0; minute <= MINUTES; ) {
      const { market, process, feed } = await healthOf(address)
      minute = (Date.parse(market.time) - begin) / 60_000
      const heap = await inspector.heap()
      readings.push({ minute, heap, rss: process.memory_bytes, page: await pageHeap(session), ticks: feed.received })
      await pause(EVERY_MINUTES * MINUTE_MS)
    }
    return readings
  } finally {
    await browser.close()
    inspector.close()
    await ended(product.child)
    rmSync(folder, { recursive: true })
  }
}

const HEAP = 'product, heap after gc'
const RSS = 'product, resident'
const PAGE = 'page, heap after gc'
const perHour = (what: string) => `${what}: rise in the hour`

function figuresOf(readings: readonly Reading[]): Readonly<Record<string, number>> {
  const columns = [
    [HEAP, (one: Reading) => one.heap / MIB],
    [RSS, (one: Reading) => one.rss / MIB],
    [PAGE, (one: Reading) => one.page / MIB],
  ] as const
  return Object.fromEntries(
    columns.flatMap(([what, value]) => [
      [`${what}: at its beginning`, readings.slice(0, 1).map(value)[0] ?? Number.NaN],
      [`${what}: at its end`, readings.slice(-1).map(value)[0] ?? Number.NaN],
      [perHour(what), hourly(readings, value)],
    ]),
  )
}

async function open(): Promise<Arena> {
  const fault = buildBundles(process.execPath)
  if (fault !== null) throw new Error(fault)
  let ticks = 0
  const contestant: Contestant = {
    name: 'an hour',
    async run() {
      const readings = await runHour()
      ticks = (readings.at(-1)?.ticks ?? 0) - (readings[0]?.ticks ?? 0)
      return figuresOf(readings)
    },
  }
  const claim = (what: string, pass: number | null, ambitious: number) =>
    ({ text: `${perHour(what)} / 1 MiB`, of: perHour(what), to: '1 MiB', better: 'lower', pass, ambitious }) as const
  return {
    contestants: [contestant],
    allowances: [{ name: '1 MiB', figure: 1 }],
    claims: [claim(HEAP, 5, 1), claim(RSS, null, 25), claim(PAGE, 5, 1)],
    get remarks() {
      return `${ticks.toLocaleString('en')} packets were received in that hour.`
    },
    async close() {},
  }
}

export const memory: SeenBenchmark = {
  name: 'memory',
  title: 'An hour of the market in memory',
  description: `The product (\`optrade run\`, all five indices) and one page that follows a chain, for an hour of the simulated market at
${SPEED} times its speed, after ${WARM_MINUTES} minutes of it to warm up: the heap after a collection of garbage and the resident
memory, read every ${EVERY_MINUTES} minutes of the market; the rise is the slope of the straight line through the readings.`,
  figures: 'MiB',
  rounds: 1,
  open,
}
