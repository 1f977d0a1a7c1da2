import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../eventually.ts'
import { mountDiskImage } from './disk-image.ts'
import { type Finding, Impossible, type ProofContext, type ProofOutcome, plantedIn } from './proof.ts'
import type { Plant } from './recorder-options.ts'
import { createRunLedger } from './run-ledger.ts'

/** `strace`'s words for what fails, and when. */
interface Fault {
  readonly name: string
  readonly inject: string
  /** Whether the disk recovers, so that entries can become durable. */
  readonly heals: boolean
}

const FAULTS: readonly Fault[] = [
  { name: 'the 3rd sync', inject: 'fdatasync:error=EIO:when=3', heals: true },
  { name: 'every 5th sync', inject: 'fdatasync:error=EIO:when=5+5', heals: true },
  { name: 'every sync from the 20th on', inject: 'fdatasync:error=EIO:when=20+', heals: false },
  { name: 'the 10th write', inject: 'pwrite64:error=EIO:when=10', heals: true },
  { name: 'every 7th write', inject: 'pwrite64:error=EIO:when=7+7', heals: true },
  { name: 'every write from the 60th on', inject: 'pwrite64:error=EIO:when=60+', heals: false },
  { name: 'every 2nd rename', inject: 'rename,renameat,renameat2:error=EIO:when=2+2', heals: true },
]

/** As many entries as tell that it goes on, or as long as tells that it does not. */
const ENOUGH = 300
const PATIENCE_MS = 8000

function requireStrace(): void {
  const { error, status } = spawnSync('strace', ['-f', '-e', 'trace=none', 'true'], { stdio: 'ignore' })
  if (error !== undefined || status !== 0) throw new Impossible('strace is missing, or may not trace here')
}

/** From now on calls of the process fail: faults that begin with its start would only keep it from starting. */
async function injectInto(pid: number, inject: string): Promise<void> {
  const calls = inject.slice(0, inject.indexOf(':'))
  const options = ['-f', '-qqq', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', `inject=${inject}`]
  // It ends with the process that it follows.
  spawn('strace', [...options, '-p', String(pid)], { stdio: 'ignore' })
  await eventually(() => {
    const tracer = /^TracerPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    if (tracer === '0') throw new Error('strace does not follow the recorder')
  })
}

/** Records on a disk of its own while calls fail, then the power goes. */
async function failing(context: ProofContext, { name, inject, heals }: Fault, plant: Plant | null): Promise<Finding[]> {
  const disk = await mountDiskImage(context, 256)
  const ledger = createRunLedger({ folder: join(disk.path, 'data'), plant })
  const recorder = ledger.start()
  context.atEnd(() => void recorder.child.kill('SIGKILL'))
  await recorder.ready()
  await injectInto(recorder.child.pid ?? 0, inject)
  const wrong: string[] = []
  const start = recorder.durable
  const reached = await eventually(() => {
    if (recorder.durable < start + ENOUGH && recorder.child.exitCode === null) throw new Error('not yet')
    return recorder.durable
  }, PATIENCE_MS).catch(() => recorder.durable)
  if (heals && reached < start + ENOUGH)
    wrong.push(
      `only ${reached - start} entries became durable although the disk recovers: ${recorder.errors().slice(0, 300)}`,
    )
  await disk.cutPower()
  await recorder.end('SIGKILL')
  ledger.settle(recorder)
  await disk.remount()
  const findings = await ledger.compare(`EIO for ${name}, then a power cut`)
  return findings.map((finding, at) => (at === 0 ? { ...finding, wrong: [...finding.wrong, ...wrong] } : finding))
}

/** Input and output errors of the disk: what was not safe was not acknowledged. */
export async function proveDiskErrors(context: ProofContext): Promise<ProofOutcome> {
  requireStrace()
  const findings: Finding[] = []
  for (const fault of FAULTS.slice(0, context.times(FAULTS.length, 2))) {
    context.signal.throwIfAborted()
    findings.push(...(await failing(context, fault, null)))
    context.say(findings.at(-4)?.what ?? '')
  }
  const swallowed = { name: 'every sync', inject: 'fdatasync:error=EIO:when=1+', heals: false }
  const [spoilt] = await failing(context, swallowed, 'swallow')
  return {
    findings,
    planted: spoilt === undefined ? [] : [plantedIn('a failed sync counts as done', spoilt)],
  }
}
