import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import Sqlite from 'better-sqlite3'
import type { JournalRecord } from '../../ports/journal.ts'
import { compareProjections, readJournal } from './compare-record.ts'
import { type Finding, type ProofContext, type ProofOutcome, plantedIn } from './proof.ts'
import { startRecorder } from './recorder-process.ts'

const SCRIPT = fileURLToPath(new URL('./consumer.ts', import.meta.url))

interface Consumers {
  /** Runs until it is done, or `killAfterMs` after it is ready; true when it was done. */
  run(killAfterMs: number | null): Promise<boolean>
}

function createConsumers(context: ProofContext, journal: string, folder: string, forgets: boolean): Consumers {
  return {
    async run(killAfterMs) {
      const args = [SCRIPT, journal, folder, forgets ? 'forgets' : '']
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
      context.atEnd(() => void child.kill('SIGKILL'))
      let said = ''
      let errors = ''
      child.stderr.on('data', (text) => (errors += String(text)))
      const ready = new Promise<void>((resolve) => {
        child.stdout.on('data', (text) => {
          said += String(text)
          if (said.includes('ready')) resolve()
        })
      })
      const ended = once(child, 'close')
      await Promise.race([ready, ended])
      if (killAfterMs !== null) {
        await Promise.race([wait(killAfterMs), ended])
        child.kill('SIGKILL')
      }
      await ended
      if (child.exitCode !== null && child.exitCode !== 0) throw new Error(`consumers ended: ${errors.slice(0, 500)}`)
      return said.includes('done')
    },
  }
}

/** Tables of a day store that are not made of legs, and those that are. */
const TABLES = ['legs', 'batches', 'underlyings', 'gaps', 'sessions', 'last_legs', 'analytics', 'buckets']

function rowsOf(folder: string): string {
  const store = join(folder, 'store')
  const names = readdirSync(store).filter((name) => /^\d{4}-\d{2}-\d{2}\.db$/.test(name))
  return names
    .sort()
    .map((name) => {
      const database = new Sqlite(join(store, name), { readonly: true })
      const rows = TABLES.map((table) => JSON.stringify(database.prepare(`SELECT * FROM ${table}`).raw().all()))
      database.close()
      return `${name} ${rows.join(' ')}`
    })
    .join('\n')
}

interface Oracle {
  readonly journal: string
  readonly records: readonly JournalRecord[]
  readonly rows: string
}

async function makeOracle(context: ProofContext, entries: number): Promise<Oracle> {
  const recorded = context.folder()
  const recorder = startRecorder({ folder: recorded, count: entries })
  context.atEnd(() => void recorder.child.kill('SIGKILL'))
  if ((await recorder.ended) !== 0) throw new Error(`the recorder of the proof failed: ${recorder.errors()}`)
  const journal = join(recorded, 'journal')
  const folder = context.folder()
  await createConsumers(context, journal, folder, false).run(null)
  return { journal, records: (await readJournal(journal)).records, rows: rowsOf(folder) }
}

async function killConsumers(
  context: ProofContext,
  oracle: Oracle,
  kills: number,
  forgets: boolean,
): Promise<Finding[]> {
  const folder = context.folder()
  const consumers = createConsumers(context, oracle.journal, folder, forgets)
  let killed = 0
  for (; killed < kills; killed += 1) {
    context.signal.throwIfAborted()
    await consumers.run(10 + Math.random() * 250)
    if (killed % 20 === 19) context.say(`${killed + 1} of ${kills} kills`)
  }
  await consumers.run(null)
  // Once more from what is there: a consumer that has everything must do nothing.
  await consumers.run(null)
  const [first, ...others] = await compareProjections(folder, oracle.records)
  if (first === undefined) throw new Error('nothing was compared')
  const same = rowsOf(folder) === oracle.rows
  const what = `consumers killed ${killed} times while one delivery in ten comes twice and one in a hundred out of order; ${first.what}, every table against a single run`
  return [{ ...first, what, wrong: [...first.wrong, ...(same ? [] : ['tables differ from a single run'])] }, ...others]
}

/** Redelivery, reordering and kills of consumers: what they made is that of a single run. */
export async function proveConsumers(context: ProofContext): Promise<ProofOutcome> {
  const oracle = await makeOracle(context, context.times(8000, 600))
  const findings = await killConsumers(context, oracle, context.times(100, 3), false)
  const spoilt = await killConsumers(context, oracle, 3, true)
  const files = spoilt.find(({ wrong }) => wrong.length > 0) ?? spoilt[0]
  return {
    findings,
    planted: files === undefined ? [] : [plantedIn('the files forget which legs they have', files)],
    remarks: [
      'The relay reads the record in order, so that a newer record never overtakes an older one; out of order means that older ones come again after newer ones.',
    ],
  }
}
