import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { mountDiskImage } from './disk-image.ts'
import { type Finding, type ProofContext, type ProofOutcome, plantedIn } from './proof.ts'
import type { Plant } from './recorder-options.ts'
import { createRunLedger } from './run-ledger.ts'

async function cutRounds(context: ProofContext, rounds: number, plant: Plant | null): Promise<Finding[]> {
  const disk = await mountDiskImage(context, 512)
  const ledger = createRunLedger({ folder: join(disk.path, 'data'), plant })
  let lostAtMost = 0
  for (let round = 1; round <= rounds; round += 1) {
    context.signal.throwIfAborted()
    const recorder = ledger.start()
    context.atEnd(() => void recorder.child.kill('SIGKILL'))
    await recorder.ready()
    await wait(100 + Math.random() * 1400)
    await disk.cutPower()
    await recorder.end('SIGKILL')
    ledger.settle(recorder)
    lostAtMost = Math.max(lostAtMost, recorder.sent - recorder.durable)
    await disk.remount()
    if (round % 5 === 0) context.say(`${round} of ${rounds} power cuts, ${ledger.acknowledged()} entries acknowledged`)
  }
  return ledger.compare(
    `${rounds} power cuts under a recorder; at most ${lostAtMost} entries were on their way at one of them`,
  )
}

/** The power fails under a recorder: an ext4 in a file goes down without writing what was not synced. */
export async function provePowerCuts(context: ProofContext): Promise<ProofOutcome> {
  const findings = await cutRounds(context, context.times(50, 3), null)
  const [spoilt] = await cutRounds(context, context.times(5, 3), 'no_sync')
  return {
    findings,
    planted: spoilt === undefined ? [] : [plantedIn('the journal never syncs, and says that it did', spoilt)],
  }
}
