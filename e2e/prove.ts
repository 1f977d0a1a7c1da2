import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Impossible, type Proof, type ProofContext, proved } from '../core/testing/prove/proof.ts'
import { type Held, sectionOf, summaryOf, updatePage } from './prove/page.ts'
import { PROOFS } from './prove/proofs.ts'

/** `npm run prove [-- P1 P4 …] [--short]`: the short form writes nothing into the page. */
const PAGE = join(import.meta.dirname, '../docs/reliability.md')
const IDS = PROOFS.map(({ id }) => id)

interface Contexts {
  readonly context: ProofContext
  /** Undoes everything, the last thing first. */
  close(): Promise<void>
}

function createContext(proof: Proof, short: boolean, signal: AbortSignal): Contexts {
  const ends: (() => Promise<void> | void)[] = []
  const began = performance.now()
  const context: ProofContext = {
    times: (full, few) => (short ? few : full),
    folder() {
      const path = mkdtempSync(join(tmpdir(), 'optrade-prove-'))
      ends.push(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }))
      return path
    },
    atEnd: (run) => void ends.push(run),
    say: (text) => console.log(`${proof.id} ${Math.round((performance.now() - began) / 1000)} s: ${text}`),
    signal,
  }
  return {
    context,
    async close() {
      for (const run of ends.splice(0).reverse()) await run()
    },
  }
}

async function hold(proof: Proof, short: boolean, signal: AbortSignal): Promise<Held> {
  const { context, close } = createContext(proof, short, signal)
  try {
    return { outcome: await proof.run(context) }
  } catch (fault) {
    if (fault instanceof Impossible) return { impossible: fault.message }
    throw fault
  } finally {
    await close()
  }
}

async function prove(proof: Proof, short: boolean, signal: AbortSignal): Promise<boolean> {
  const began = performance.now()
  const held = await hold(proof, short, signal)
  console.log(summaryOf(proof, held))
  if (!short) {
    const seconds = (performance.now() - began) / 1000
    const section = sectionOf(proof, held, { date: new Date().toISOString().slice(0, 10), seconds })
    // Read again: another run may have renewed other sections meanwhile.
    const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : ''
    writeFileSync(PAGE, updatePage(page, IDS, new Map([[proof.id, section]])))
  }
  return 'impossible' in held || proved(held.outcome)
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: { short: { type: 'boolean' } }, allowPositionals: true })
  const unknown = positionals.filter((id) => !IDS.includes(id))
  if (unknown.length > 0) {
    console.error(`optrade: no proof is called ${unknown.join(', ')}; there are ${IDS.join(', ')}.`)
    process.exitCode = 2
    return
  }
  const cancelled = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => cancelled.abort())
  for (const proof of PROOFS) {
    if (positionals.length > 0 && !positionals.includes(proof.id)) continue
    try {
      if (!(await prove(proof, values.short === true, cancelled.signal))) process.exitCode = 1
    } catch (fault) {
      process.exitCode = 1
      if (cancelled.signal.aborted) return console.error(`optrade: ${proof.id} was cancelled`)
      console.error(`optrade: ${proof.id} could not be held:`, fault)
    }
  }
}

await main()
