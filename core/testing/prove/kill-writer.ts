import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Finding, type Planted, type ProofContext, type ProofOutcome, plantedIn } from './proof.ts'
import type { Plant } from './recorder-options.ts'
import type { RecorderProcess } from './recorder-process.ts'
import { createRunLedger } from './run-ledger.ts'

/** In what the kills caught it. */
interface Met {
  starting: number
  tornLine: number
  unsealed: number
  packing: number
  checkpoint: number
}

function filesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
}

function look(folder: string, epoch: number | null, met: Met): void {
  if (epoch === null) {
    met.starting += 1
    return
  }
  const names = filesIn(folder)
  const own = names.filter((name) => name.startsWith(join('journal', String(epoch), '/')))
  const raw = own.filter((name) => name.endsWith('.log')).sort()
  const last = raw.at(-1)
  if (last !== undefined && readFileSync(join(folder, last)).at(-1) !== 0x0a) met.tornLine += 1
  if (raw.some((name) => !own.includes(name.replace(/\.log$/, '.seal')))) met.unsealed += 1
  if (names.some((name) => name.endsWith('.gz.tmp') || names.includes(`${name}.gz`))) met.packing += 1
  const logs = names.filter((name) => name.endsWith('.db-wal')).map((name) => statSync(join(folder, name)).size)
  if (logs.some((size) => size > 0)) met.checkpoint += 1
}

/** Compressed files that `gzip` itself cannot read. A name without `.tmp` is a promise. */
function unreadable(folder: string, known: Set<string>): string[] {
  const fresh = filesIn(folder).filter((name) => name.endsWith('.gz') && !known.has(name))
  for (const name of fresh) known.add(name)
  if (fresh.length === 0) return []
  const { status, stderr } = spawnSync('gzip', ['-t', ...fresh], { cwd: folder, encoding: 'utf8' })
  return status === 0 ? [] : [stderr.trim()]
}

/** Kills somewhere between the first instruction and a second of work. */
async function killSomewhere(recorder: RecorderProcess, round: number): Promise<void> {
  if (round % 5 === 4) await wait(150 + Math.random() * 600)
  else {
    await recorder.ready()
    await wait(Math.random() * 900)
  }
  await recorder.end('SIGKILL')
}

async function killRounds(context: ProofContext, rounds: number, plant: Plant | null): Promise<Finding[]> {
  const folder = context.folder()
  const ledger = createRunLedger({ folder, plant })
  const met: Met = { starting: 0, tornLine: 0, unsealed: 0, packing: 0, checkpoint: 0 }
  const packed = new Set<string>()
  const wrong: string[] = []
  for (let round = 1; round <= rounds; round += 1) {
    context.signal.throwIfAborted()
    const recorder = ledger.start()
    context.atEnd(() => void recorder.child.kill('SIGKILL'))
    await killSomewhere(recorder, round)
    ledger.settle(recorder)
    look(folder, recorder.epoch, met)
    wrong.push(...unreadable(folder, packed))
    if (round % 10 === 0) context.say(`${round} of ${rounds} kills, ${ledger.acknowledged()} entries acknowledged`)
  }
  const { starting, tornLine, unsealed, packing, checkpoint } = met
  const moments = `${starting} while starting, ${tornLine} within a line, ${unsealed} with a segment open, ${packing} while compressing, ${checkpoint} with a SQLite log`
  const findings = await ledger.compare(`${rounds} × SIGKILL of a recorder (${moments})`)
  return findings.map((finding, at) => (at === 0 ? { ...finding, wrong: [...finding.wrong, ...wrong] } : finding))
}

function worst(findings: readonly Finding[]): Finding {
  const sum = ({ verdict, wrong }: Finding) => verdict.lost + verdict.duplicated + verdict.unexpected + wrong.length
  return findings.reduce((a, b) => (sum(b) > sum(a) ? b : a))
}

/** kill -9 of a process that records at full tilt: journal, compression, day stores, CSV, JSONL. */
export async function proveWriterKills(context: ProofContext): Promise<ProofOutcome> {
  const findings = await killRounds(context, context.times(200, 6), null)
  const planted: Planted[] = []
  const faults = [
    ['ack_early', 'an entry is called durable when it was only handed over'],
    ['no_dedupe', 'the files forget which legs they have'],
  ] as const
  for (const [plant, fault] of faults)
    planted.push(plantedIn(fault, worst(await killRounds(context, context.times(10, 4), plant))))
  return { findings, planted }
}
