import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { eventually } from '../eventually.ts'
import { mountDiskImage } from './disk-image.ts'
import { type Finding, type ProofContext, type ProofOutcome, plantedIn } from './proof.ts'
import type { RecorderProcess } from './recorder-process.ts'
import { createRunLedger } from './run-ledger.ts'

const BLOCK = new Uint8Array(64 * 1024).fill(1)

/** Takes all the room that is left on a disk; returns how many bytes that was. */
export function fillDisk(ballast: string): number {
  const handle = openSync(ballast, 'a')
  let bytes = 0
  try {
    for (let size = BLOCK.length; size >= 1; ) {
      try {
        const taken = writeSync(handle, BLOCK, 0, size)
        bytes += taken
        if (taken < size) size >>= 1
      } catch {
        // No room for so much: the rest is taken in smaller pieces.
        size >>= 1
      }
    }
    return bytes
  } finally {
    closeSync(handle)
  }
}

/** Nothing more becomes durable. */
async function untilStill(recorder: RecorderProcess): Promise<void> {
  let before = -1
  for (let still = 0; still < 5; ) {
    await wait(100)
    still = recorder.durable === before ? still + 1 : 0
    before = recorder.durable
  }
}

async function untilMore(recorder: RecorderProcess): Promise<void> {
  const before = recorder.durable
  await eventually(() => {
    if (recorder.durable <= before) throw new Error(`nothing becomes durable: ${recorder.errors().slice(0, 300)}`)
  }, 60_000)
}

async function fullRounds(context: ProofContext, rounds: number): Promise<Finding[]> {
  const disk = await mountDiskImage(context, 96)
  const ballast = join(disk.path, 'ballast')
  const ledger = createRunLedger({ folder: join(disk.path, 'data'), burst: 1 })
  let recorder: RecorderProcess | null = null
  let kills = 0
  const wrong: string[] = []
  for (let round = 1; round <= rounds; round += 1) {
    context.signal.throwIfAborted()
    recorder ??= ledger.start()
    const { child } = recorder
    context.atEnd(() => void child.kill('SIGKILL'))
    await recorder.ready()
    await untilMore(recorder)
    fillDisk(ballast)
    await untilStill(recorder)
    if (child.exitCode !== null) wrong.push(`it ended when the disk was full: ${recorder.errors().slice(0, 300)}`)
    const dies = round % 3 === 0
    if (dies) await recorder.end('SIGKILL')
    rmSync(ballast)
    if (!dies && child.exitCode === null) {
      await untilMore(recorder)
      continue
    }
    kills += 1
    ledger.settle(recorder)
    recorder = null
  }
  if (recorder !== null) {
    await recorder.end('SIGTERM')
    ledger.settle(recorder)
  }
  const findings = await ledger.compare(
    `${rounds} × the disk is full under a recorder, ${kills} of them with a SIGKILL`,
  )
  return findings.map((finding, at) => (at === 0 ? { ...finding, wrong: [...finding.wrong, ...wrong] } : finding))
}

/** A recorder that takes a full disk for a safe one. */
async function planted(context: ProofContext): Promise<Finding | undefined> {
  const disk = await mountDiskImage(context, 96)
  const ledger = createRunLedger({ folder: join(disk.path, 'data'), plant: 'ack_early' })
  const recorder = ledger.start()
  context.atEnd(() => void recorder.child.kill('SIGKILL'))
  await recorder.ready()
  fillDisk(join(disk.path, 'ballast'))
  await wait(1500)
  await recorder.end('SIGKILL')
  rmSync(join(disk.path, 'ballast'))
  ledger.settle(recorder)
  const [journal] = await ledger.compare('a full disk')
  return journal
}

/** No room on the disk: nothing acknowledged is lost, nothing ends, and it goes on by itself. */
export async function proveFullDisk(context: ProofContext): Promise<ProofOutcome> {
  const findings = await fullRounds(context, context.times(20, 3))
  const spoilt = await planted(context)
  return {
    findings,
    planted: spoilt === undefined ? [] : [plantedIn('what the full disk did not take is called durable', spoilt)],
  }
}
