import { setTimeout as wait } from 'node:timers/promises'
import { type Finding, type ProofContext, type ProofOutcome, plantedIn } from './proof.ts'
import type { Plant } from './recorder-options.ts'
import { createRunLedger } from './run-ledger.ts'

const STOP_MS = 5000

async function stopRounds(context: ProofContext, rounds: number, plant: Plant | null): Promise<Finding[]> {
  const ledger = createRunLedger({ folder: context.folder(), plant })
  const wrong: string[] = []
  let slowest = 0
  for (let round = 1; round <= rounds; round += 1) {
    context.signal.throwIfAborted()
    const recorder = ledger.start()
    context.atEnd(() => void recorder.child.kill('SIGKILL'))
    await recorder.ready()
    await wait(Math.random() * 700)
    const began = performance.now()
    const status = await recorder.end('SIGTERM')
    const tookMs = performance.now() - began
    slowest = Math.max(slowest, tookMs)
    // What was handed over counts as acknowledged: a stop must not lose even what was not durable yet.
    ledger.settle({ ...recorder, options: recorder.options, sent: recorder.sent, durable: recorder.sent })
    if (status !== 0) wrong.push(`stop ${round} ended with ${status}: ${recorder.errors().slice(0, 200)}`)
    if (tookMs > STOP_MS) wrong.push(`stop ${round} took ${Math.round(tookMs)} ms`)
    if (round % 10 === 0) context.say(`${round} of ${rounds} stops`)
  }
  const findings = await ledger.compare(
    `${rounds} × SIGTERM of a recorder at work, the slowest stop ${Math.round(slowest)} ms (all that was handed over counts as acknowledged)`,
  )
  return findings.map((finding, at) => (at === 0 ? { ...finding, wrong: [...finding.wrong, ...wrong] } : finding))
}

/** SIGTERM: nothing that was handed over is lost, durable or not. */
export async function proveStops(context: ProofContext): Promise<ProofOutcome> {
  const findings = await stopRounds(context, context.times(50, 4), null)
  const [spoilt] = await stopRounds(context, 4, 'just_exit')
  return {
    findings,
    planted: spoilt === undefined ? [] : [plantedIn('SIGTERM ends the process at once', spoilt)],
  }
}
