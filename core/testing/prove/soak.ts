import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Finding, NOTHING_WRONG, type ProofContext, type ProofOutcome, plantedIn } from './proof.ts'
import type { Plant } from './recorder-options.ts'
import { type RecorderProcess, type SizeReport, startRecorder } from './recorder-process.ts'

const LEGS = 20
/** Entries of a day: five sessions of it are some hundred thousand legs each. */
const DAY_ENTRIES = 5000
const WARM_UP = 0.3
/** Megabytes of memory for a million legs: what so short a run can tell from the coming and going of the heap. */
const MAX_SLOPE_MB = 5
/** More open files at the end than at the beginning; within a day's change, and while compressing, there are more. */
const MAX_MORE_FILES = 2

/** Least squares over what was measured after the warm-up: bytes an entry. */
function slopeOf(sizes: readonly SizeReport[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length
  const x = mean(sizes.map(({ entries }) => entries))
  const y = mean(sizes.map(({ rssBytes }) => rssBytes))
  const across = sizes.reduce((sum, { entries, rssBytes }) => sum + (entries - x) * (rssBytes - y), 0)
  const along = sizes.reduce((sum, { entries }) => sum + (entries - x) ** 2, 0)
  return along === 0 ? 0 : across / along
}

const medianOf = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

/** Retention, as a harness: what is long finished is removed under the recorder, so that the disk does not fill. */
function removeOld(folder: string): void {
  const legs = join(folder, 'legs')
  for (const day of readdirSync(legs).sort().slice(0, -12)) rmSync(join(legs, day), { recursive: true, force: true })
  const journal = join(folder, 'journal', '1')
  const names = readdirSync(journal).filter((name) => name.endsWith('.gz'))
  for (const name of names.sort().slice(0, -40)) rmSync(join(journal, name), { force: true })
}

async function watch(context: ProofContext, recorder: RecorderProcess, entries: number, folder: string) {
  let told = 0
  while (recorder.child.exitCode === null && recorder.sent < entries) {
    context.signal.throwIfAborted()
    await wait(500)
    if (recorder.durable > 20 * DAY_ENTRIES) removeOld(folder)
    if (recorder.durable - told > entries / 10) {
      told = recorder.durable
      const last = recorder.sizes.at(-1)
      context.say(
        `${told * LEGS} legs, ${Math.round((last?.rssBytes ?? 0) / 1e6)} MB, ${last?.openFiles ?? 0} files open`,
      )
    }
  }
}

async function soak(context: ProofContext, entries: number, plant: Plant | null): Promise<Finding> {
  const folder = context.folder()
  const stepMs = 86_400_000 / DAY_ENTRIES
  const recorder = startRecorder(
    { folder, burst: 8, legs: LEGS, stepMs, segmentBytes: 8_000_000, hurry: 20, plant },
    { env: { NODE_OPTIONS: '--expose-gc' } },
  )
  context.atEnd(() => void recorder.child.kill('SIGKILL'))
  await recorder.ready()
  await watch(context, recorder, entries, folder)
  const status = await recorder.end('SIGTERM')
  const warm = recorder.sizes.filter(({ entries: at }) => at > entries * WARM_UP)
  const slopeMb = slopeOf(warm) / LEGS
  const files = warm.map(({ openFiles }) => openFiles)
  const third = Math.max(1, Math.floor(files.length / 3))
  const moreFiles = medianOf(files.slice(-third)) - medianOf(files.slice(0, third))
  const spread = Math.max(...files) - Math.min(...files)
  const wrong = [
    ...(status === 0 ? [] : [`it ended with ${status}: ${recorder.errors().slice(0, 300)}`]),
    ...(warm.length < 5 ? [`only ${warm.length} measurements`] : []),
    ...(slopeMb > MAX_SLOPE_MB ? [`memory grows by ${slopeMb.toFixed(2)} MB a million legs`] : []),
    ...(moreFiles > MAX_MORE_FILES ? [`${moreFiles} more files are open in the last third than in the first`] : []),
  ]
  const million = ((recorder.durable * LEGS) / 1e6).toFixed(2)
  const rss = Math.round((warm.at(-1)?.rssBytes ?? 0) / 1e6)
  const days = Math.floor(recorder.durable / DAY_ENTRIES)
  return {
    what: `${million} million legs over ${days} days of the record: memory ${slopeMb >= 0 ? '+' : '−'}${Math.abs(slopeMb).toFixed(2)} MB a million legs, ${rss} MB at the end, ${moreFiles} more files open in the last third than in the first, by the median (${spread} between the fewest and the most; ${warm.length} measurements after the warm-up)`,
    verdict: NOTHING_WRONG,
    wrong,
  }
}

/** Days of recording in minutes: memory and open files must stay where they are. */
export async function proveSoak(context: ProofContext): Promise<ProofOutcome> {
  const finding = await soak(context, context.times(250_000, 60_000), null)
  const spoilt = await soak(context, 30_000, 'leak')
  return {
    findings: [finding],
    planted: [plantedIn('every record is kept in memory', spoilt)],
    remarks: [
      'Five million legs tell a leak from none, not whether 1 MB an hour at 5,000 packets a second is kept (0.06 MB a million legs): up to 5 MB a million legs counts as held here. The harness removes old files itself, in place of retention.',
    ],
  }
}
