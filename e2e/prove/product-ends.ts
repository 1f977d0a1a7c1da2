import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Finding, type ProofContext, type ProofOutcome, plantedIn } from '../../core/testing/prove/proof.ts'
import { API_ADDRESS, type Running, readHealth, startOptrade } from '../product.ts'
import { createSaidDurable, endCaughtUp, judgeProduct, type SaidDurable } from './product-record.ts'

const SETTINGS = { SIM_SPEED: '10', SIM_AT: '2026-11-25T10:00:00+05:30' }
const STOP_MS = 5000

function startProduct(context: ProofContext, folder: string): Running {
  const product = startOptrade(['run'], folder, { ...SETTINGS, DATA_DIR: join(folder, 'data') })
  context.atEnd(async () => {
    await product.stop('SIGKILL')
  })
  return product
}

/** A last, undisturbed run lets the files take in what they lack. */
async function settle(context: ProofContext, folder: string): Promise<string[]> {
  const status = await endCaughtUp(startProduct(context, folder))
  return status === 0 ? [] : [`the last run ended with ${status}`]
}

/** Lets it work for a while once something is durable, and hears what it says; the packets that it has recorded by then. */
async function listen(address: string, said: SaidDurable, forMs: number): Promise<number> {
  let end = Number.POSITIVE_INFINITY
  let recorded = 0
  do {
    const { record, feed } = await readHealth(address)
    said.hear(record.durable_batch)
    if (record.durable_legs > 0 && end === Number.POSITIVE_INFINITY) end = performance.now() + forMs
    recorded = feed.recorded
    await wait(25)
  } while (performance.now() < end)
  return recorded
}

async function killProducts(context: ProofContext, rounds: number, spoil: (folder: string) => void): Promise<Finding> {
  const folder = context.folder()
  const said = createSaidDurable()
  let slowest = 0
  for (let round = 1; round <= rounds; round += 1) {
    context.signal.throwIfAborted()
    const product = startProduct(context, folder)
    const began = performance.now()
    if (round % 5 === 0) await wait(300 + Math.random() * 1500)
    else {
      const address = await product.waitFor(API_ADDRESS)
      slowest = Math.max(slowest, performance.now() - began)
      await listen(address, said, Math.random() * 2500)
    }
    await product.stop('SIGKILL')
    spoil(folder)
    if (round % 10 === 0)
      context.say(`${round} of ${rounds} kills of the product, ${said.batches().size} batches acknowledged`)
  }
  const wrong = await settle(context, folder)
  const start = `${(slowest / 1000).toFixed(1)} s the slowest start`
  const finding = judgeProduct(
    join(folder, 'data'),
    said.batches(),
    `${rounds} × SIGKILL of the whole product (${start})`,
  )
  return { ...finding, wrong: [...finding.wrong, ...wrong] }
}

/** What a kill must not do: the newest segment with records is gone. */
function loseNewest(folder: string): void {
  const journal = join(folder, 'data', 'sim', 'journal')
  const names = readdirSync(journal, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.log'))
  const newest = names.sort((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10))[0]
  if (newest !== undefined) rmSync(join(journal, newest))
}

/** kill -9 of the product as a user runs it, on the simulated exchange. */
export async function proveProductKills(context: ProofContext): Promise<ProofOutcome> {
  const finding = await killProducts(context, context.times(60, 2), () => {})
  const spoilt = await killProducts(context, 2, loseNewest)
  return { findings: [finding], planted: [plantedIn('the newest segment is gone after a kill', spoilt)] }
}

/** SIGTERM of the product: the packets that it had recorded, durable or not, are there afterwards. */
export async function proveProductStops(context: ProofContext): Promise<ProofOutcome> {
  const rounds = context.times(50, 2)
  const folder = context.folder()
  const said = createSaidDurable()
  const wrong: string[] = []
  let recorded = 0
  let slowest = 0
  for (let round = 1; round <= rounds; round += 1) {
    context.signal.throwIfAborted()
    const product = startProduct(context, folder)
    const address = await product.waitFor(API_ADDRESS)
    recorded += await listen(address, said, Math.random() * 800)
    const began = performance.now()
    const status = await product.stop('SIGTERM')
    const tookMs = performance.now() - began
    slowest = Math.max(slowest, tookMs)
    if (status !== 0) wrong.push(`stop ${round} ended with ${status}: ${product.errors().slice(0, 200)}`)
    if (tookMs > STOP_MS) wrong.push(`stop ${round} took ${Math.round(tookMs)} ms`)
    if (round % 10 === 0) context.say(`${round} of ${rounds} stops of the product`)
  }
  const what = `${rounds} × SIGTERM of the whole product, the slowest stop ${Math.round(slowest)} ms, ${recorded} packets recorded before it`
  const finding = judgeProduct(join(folder, 'data'), said.batches(), what)
  const legs = Number(/(\d+) legs in journal/.exec(finding.what)?.[1] ?? 0)
  if (legs < recorded) wrong.push(`${recorded - legs} recorded packets are not there`)
  return { findings: [{ ...finding, wrong: [...finding.wrong, ...wrong] }], planted: [] }
}
