import { join } from 'node:path'
import { eventually } from '../../core/testing/eventually.ts'
import { judgeQueue, type QueueVerdict } from '../../core/testing/journal-builders.ts'
import { judgeLines } from '../../core/testing/prove/compare-record.ts'
import { addVerdicts, type Finding } from '../../core/testing/prove/proof.ts'
import { API_ADDRESS, type Running, readHealth } from '../product.ts'
import { countJournal, csvLegs, jsonlLegs, type LegText, sqliteLegs } from '../recorded-legs.ts'

/** What the product said was durable: the highest number of each epoch. */
export interface SaidDurable {
  /** `<epoch>-<seq>`, null before the first. */
  hear(batch: string | null): void
  batches(): ReadonlySet<string>
}

export function createSaidDurable(): SaidDurable {
  const highest = new Map<number, number>()
  return {
    hear(batch) {
      if (batch === null) return
      const [epoch = 0, seq = 0] = batch.split('-').map(Number)
      highest.set(epoch, Math.max(highest.get(epoch) ?? 0, seq))
    },
    batches() {
      const all = [...highest].flatMap(([epoch, last]) => Array.from({ length: last }, (_, at) => `${epoch}-${at + 1}`))
      return new Set(all)
    },
  }
}

/** Batches as numbers, so that they can be judged as a queue. */
const numberOfBatch = (batch: string): number => {
  const [epoch = 0, seq = 0] = batch.split('-').map(Number)
  return epoch * 1e9 + seq
}

function holesIn(batches: readonly string[]): string[] {
  const wrong: string[] = []
  const last = new Map<string, number>()
  for (const batch of batches) {
    const [epoch = '', seq = ''] = batch.split('-')
    const expected = (last.get(epoch) ?? 0) + 1
    if (Number(seq) !== expected) wrong.push(`after ${epoch}-${expected - 1} comes ${batch}`)
    last.set(epoch, Number(seq))
  }
  return wrong.slice(0, 5)
}

/** The product's four forms of the record against each other, and the journal against what was acknowledged. */
export function judgeProduct(dataDir: string, said: ReadonlySet<string>, what: string): Finding {
  const dataRoot = join(dataDir, 'sim')
  const { batches, legs } = countJournal(dataRoot)
  const there = new Set(batches.map(numberOfBatch))
  const queue = judgeQueue(there, new Set([...said].map(numberOfBatch)), batches.map(numberOfBatch))
  const lines = (found: readonly LegText[]) => found.map((leg) => JSON.stringify(leg))
  const csv = lines(csvLegs(dataRoot))
  const others: QueueVerdict[] = [jsonlLegs(dataRoot), sqliteLegs(dataRoot)].map((found) =>
    judgeLines(csv, lines(found)),
  )
  const wrong = holesIn(batches)
  if (csv.length !== legs) wrong.push(`${legs} legs in the journal, ${csv.length} in the CSV files`)
  return {
    what: `${what}; ${said.size} batches acknowledged, ${batches.length} read, ${legs} legs in journal, day store, CSV and JSONL`,
    verdict: addVerdicts([queue, ...others]),
    wrong,
  }
}

/** Stops a run once its consumers have what is durable, but for what comes in meanwhile. */
export async function endCaughtUp(product: Running): Promise<number | null> {
  const address = await product.waitFor(API_ADDRESS)
  await eventually(async () => {
    const { record } = await readHealth(address)
    const behind = Math.max(...Object.values(record.pending))
    if (record.durable_legs === 0 || behind > 20)
      throw new Error(`${behind} batches behind, ${record.durable_legs} legs`)
  }, 120_000)
  return product.stop()
}
