import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { istInstant } from '../../domain/ist.ts'
import { type Finding, type ProofContext, type ProofOutcome, plantedIn } from './proof.ts'
import type { Plant } from './recorder-options.ts'
import type { StartedBy } from './recorder-process.ts'
import { createRunLedger } from './run-ledger.ts'

const LIBRARIES = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((kind) => `/usr/lib/${kind}/faketime/libfaketime.so.1`)

/** Where the wall's clock goes, again and again. */
const JUMPS = ['-5s', '+1h', '+0', '+1h', '-5s', '-1d', '+0', '+365d', '+0']

/** Begin of what is recorded: days on which clocks change elsewhere, midnight in India, a session on a Saturday. */
const DAYS = [
  ['the night in which New York sets its clocks forward', istInstant('2026-03-08', '12:00')],
  ['the night in which New York sets its clocks back', istInstant('2026-11-01', '11:00')],
  ['midnight in India', istInstant('2026-11-23', '23:30')],
  ['a session on a Saturday', istInstant('2026-11-28', '09:15')],
] as const

const ZONES = ['America/New_York', 'Pacific/Auckland', 'UTC']

interface Case {
  readonly name: string
  readonly startMs: number
  readonly zone: string
}

/** How the wall's clock is bent for a process; null where libfaketime is not installed. */
function bentClock(context: ProofContext): { readonly by: StartedBy; jump(to: string): void } | null {
  const library = LIBRARIES.find((path) => existsSync(path))
  if (library === undefined) return null
  const file = join(context.folder(), 'clock')
  const jump = (to: string) => writeFileSync(file, `${to}\n`)
  jump('+0')
  const env = {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  }
  return { by: { env }, jump }
}

/** The date of an instant in India, by the platform's own calendar. */
const inIndia = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Kolkata' })

/** Names of days that the record must have, reckoned without the product's own functions. */
function daysOf(startMs: number, stepMs: number, last: number): string[] {
  const days = new Set<string>()
  for (let n = 1; n <= last; n += 1) if (n % 7 !== 0 && n % 13 !== 0) days.add(inIndia.format(startMs + n * stepMs))
  return [...days].sort()
}

async function underJumps(context: ProofContext, one: Case, jumps: number, plant: Plant | null): Promise<Finding[]> {
  const folder = context.folder()
  const clock = bentClock(context)
  const stepMs = 20_000
  const ledger = createRunLedger({ folder, startMs: one.startMs, stepMs, plant })
  const recorder = ledger.start({}, { env: { ...clock?.by.env, TZ: one.zone } })
  context.atEnd(() => void recorder.child.kill('SIGKILL'))
  await recorder.ready()
  for (let at = 0; at < jumps; at += 1) {
    context.signal.throwIfAborted()
    clock?.jump(JUMPS[at % JUMPS.length] ?? '+0')
    await wait(1100)
  }
  await recorder.end('SIGKILL')
  ledger.settle(recorder)
  const jumped =
    clock === null ? 'without jumps of the clock: libfaketime is missing' : `${jumps} jumps of the wall's clock`
  const findings = await ledger.compare(`${one.name}, TZ=${one.zone}, ${jumped}`)
  const days = daysOf(one.startMs, stepMs, ledger.sent())
  const named = readdirSync(join(folder, 'legs')).sort()
  const wrong =
    named.join() === days.join() ? [] : [`files are named ${named.join(', ')} instead of ${days.join(', ')}`]
  return findings.map((finding, at) => (at === 0 ? { ...finding, wrong: [...finding.wrong, ...wrong] } : finding))
}

/** Clocks that jump and foreign time zones: numbers go on, files are named by the day in India. */
export async function proveClocks(context: ProofContext): Promise<ProofOutcome> {
  const all = DAYS.flatMap(([name, startMs]) => ZONES.map((zone) => ({ name, startMs, zone })))
  const findings: Finding[] = []
  for (const one of all.slice(0, context.times(all.length, 1))) {
    const [journal, ...others] = await underJumps(context, one, context.times(9, 2), null)
    if (journal === undefined) continue
    const wrong = others.flatMap((other) => other.wrong)
    findings.push({ ...journal, wrong: [...journal.wrong, ...wrong] })
    context.say(journal.what)
  }
  const foreign = { name: 'midnight in India', startMs: istInstant('2026-11-23', '23:30'), zone: 'America/New_York' }
  const [spoilt] = await underJumps(context, foreign, 1, 'local_time')
  return {
    findings,
    planted: spoilt === undefined ? [] : [plantedIn('times are reckoned in the zone of the machine', spoilt)],
  }
}
