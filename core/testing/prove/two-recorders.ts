import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { eventually } from '../eventually.ts'
import { type Finding, type ProofContext, type ProofOutcome, plantedIn } from './proof.ts'
import type { RecorderProcess } from './recorder-process.ts'
import { createRunLedger, type RunLedger } from './run-ledger.ts'

/** Another one that begins behind what the first may ever reach, so that whose entries they are is known. */
const FAR = 1_000_000

/** One that got in ends in a moment, unless it waits for what the held one has locked in a store. */
const JOIN_MS = 20_000

async function tryToJoin(ledger: RunLedger, plantedFolder: string | null): Promise<RecorderProcess> {
  if (plantedFolder !== null) rmSync(join(plantedFolder, 'journal', 'lock.db'), { force: true })
  const second = ledger.start({ count: 7 })
  const ended = new AbortController()
  const late = wait(JOIN_MS, null, { signal: ended.signal }).then(
    () => second.end('SIGKILL'),
    () => null,
  )
  await Promise.race([second.ended, late])
  ended.abort()
  return second
}

/** The first is held for `heldMs` while others try, then goes on. */
async function holdFirst(context: ProofContext, heldMs: number, tries: number, planted: boolean): Promise<Finding> {
  const folder = context.folder()
  const ledger = createRunLedger({ folder })
  const first = ledger.start()
  context.atEnd(() => void first.child.kill('SIGKILL'))
  await first.ready()
  await eventually(() => {
    if (first.durable < 50) throw new Error('nothing is durable yet')
  }, 60_000)
  first.child.kill('SIGSTOP')
  const wrong: string[] = []
  const others = createRunLedger({ folder, startMs: first.options.startMs + FAR * first.options.stepMs })
  for (let one = 1; one <= tries; one += 1) {
    context.signal.throwIfAborted()
    await wait(heldMs / tries)
    const second = await tryToJoin(others, planted ? folder : null)
    if (second.epoch !== null) wrong.push(`a second recorder got in (epoch ${second.epoch}) while the first was held`)
    else if (!second.errors().includes('data_dir_taken') && !second.errors().includes('writes to'))
      wrong.push(`the second did not say why: ${second.errors().slice(0, 200)}`)
  }
  const before = first.durable
  first.child.kill('SIGCONT')
  await eventually(() => {
    if (first.durable <= before) throw new Error('it does not go on')
  }, 60_000)
  await first.end('SIGKILL')
  ledger.settle(first)
  const [journal] = await ledger.compare(
    `a recorder held by SIGSTOP for ${Math.round(heldMs / 1000)} s while ${tries} others tried, then it went on`,
  )
  if (journal === undefined) throw new Error('nothing was compared')
  return { ...journal, wrong: [...journal.wrong, ...wrong] }
}

/** The first dies while it is held: the next gets in, with an epoch of its own. */
async function killHeld(context: ProofContext, rounds: number): Promise<Finding[]> {
  const ledger = createRunLedger({ folder: context.folder() })
  const epochs: number[] = []
  for (let round = 1; round <= rounds; round += 1) {
    context.signal.throwIfAborted()
    const recorder = ledger.start()
    context.atEnd(() => void recorder.child.kill('SIGKILL'))
    await recorder.ready()
    await wait(200)
    recorder.child.kill('SIGSTOP')
    await recorder.end('SIGKILL')
    ledger.settle(recorder)
    epochs.push(recorder.epoch ?? 0)
  }
  const wrong = epochs.every((epoch, at) => epoch === at + 1) ? [] : [`epochs ${epochs.join(', ')}`]
  const findings = await ledger.compare(
    `${rounds} × a held recorder is killed and the next takes over, each in its own epoch`,
  )
  return findings.map((finding, at) => (at === 0 ? { ...finding, wrong: [...finding.wrong, ...wrong] } : finding))
}

/** Two recorders on one folder: exactly one writes. */
export async function proveOneWriter(context: ProofContext): Promise<ProofOutcome> {
  const heldMs = context.times(60_000, 1500)
  const held = await holdFirst(context, heldMs, context.times(10, 1), false)
  const killed = await killHeld(context, context.times(10, 2))
  const spoilt = await holdFirst(context, 1500, 1, true)
  return {
    findings: [held, ...killed],
    planted: [plantedIn('the lock is taken away under the first', spoilt)],
  }
}
