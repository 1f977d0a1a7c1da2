import { appendFileSync, readdirSync } from 'node:fs'
import { type Clock, sleep } from '../../kernel/clock.ts'
import { OpError } from '../../kernel/errors.ts'
import { createSignal } from '../../kernel/signal.ts'
import { realClock } from '../real-clock.ts'
import { dayAt, type EntryShape, entryAt } from './numbered-entries.ts'
import { type RecorderOptions, recorderOptionsSchema } from './recorder-options.ts'
import { createRecorderParts, type RecorderParts } from './recorder-parts.ts'

/**
 * A process that records until it is ended: `node recorder.ts <options as JSON>`. On stdout: `ready <epoch>`,
 * `sent <n>` before an append, `durable <n>` after the commit that holds it, `stopped` after a clean end.
 */

/** Written at once, so that a kill cannot take back what was said. */
const say = (text: string) => appendFileSync(1, `${text}\n`)

/** A consumer that takes nothing for so long never will; the comparison then says what it lacks. */
const TAKE_IN_MS = 60_000

const kept: unknown[] = []

/** The same wall-clock reading, taken in the zone of this process. */
function inLocalZone(startMs: number): number {
  const at = new Date(startMs + 5.5 * 3_600_000)
  return new Date(
    at.getUTCFullYear(),
    at.getUTCMonth(),
    at.getUTCDate(),
    at.getUTCHours(),
    at.getUTCMinutes(),
  ).getTime()
}

function shapeOf(options: RecorderOptions): EntryShape {
  if (options.plant !== 'local_time') return options
  return { ...options, startMs: inLocalZone(options.startMs) }
}

interface Acknowledging {
  handed(n: number, seq: number): void
}

/** Says which entries are durable, as the journal tells it. */
function acknowledge({ journal }: RecorderParts): Acknowledging {
  const waiting: { n: number; seq: number }[] = []
  journal.onDurable((position) => {
    let last = 0
    for (let head = waiting[0]; head !== undefined && head.seq <= position.seq; head = waiting[0]) {
      last = head.n
      waiting.shift()
    }
    if (last > 0) say(`durable ${last}`)
  })
  return { handed: (n, seq) => waiting.push({ n, seq }) }
}

/** Appends the next entries; false when the journal takes no more for now. */
function createFeeding(options: RecorderOptions, parts: RecorderParts, next: { n: number }) {
  const shape = shapeOf(options)
  const acknowledging = acknowledge(parts)
  const last = options.count === null ? Number.POSITIVE_INFINITY : options.first + options.count - 1
  const one = () => {
    const entry = entryAt(next.n, shape)
    const seq = Number(parts.journal.nextBatch().split('-')[1])
    parts.journal.append(entry)
    if (options.plant === 'leak') kept.push(structuredClone(entry), new Uint8Array(1000).fill(1))
    if (options.plant === 'ack_early') say(`durable ${next.n}`)
    else if (entry.kind === 'batch') acknowledging.handed(next.n, seq)
    next.n += 1
  }
  return {
    done: () => next.n > last,
    burst() {
      const end = Math.min(last, next.n + options.burst - 1)
      if (end < next.n) return
      say(`sent ${end}`)
      try {
        while (next.n <= end) one()
      } catch (fault) {
        if (!(fault instanceof OpError && fault.code === 'journal_full')) throw fault
      }
    },
  }
}

/** Says now and then how large the process is, and what is open. */
function reportSize(next: { readonly n: number }): void {
  global.gc?.()
  const fds = process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0
  say(`size ${next.n} ${process.memoryUsage().rss} ${fds}`)
}

async function takenIn(clock: Clock, parts: RecorderParts): Promise<void> {
  await parts.journal.flush()
  const end = clock.monotonicMs() + TAKE_IN_MS
  while (parts.pending() > 0 && clock.monotonicMs() < end) await sleep(clock, 5)
}

async function main(): Promise<void> {
  const options = recorderOptionsSchema.parse(JSON.parse(process.argv[2] ?? ''))
  const next = { n: options.first }
  const parts = createRecorderParts(options, (date) => date < dayAt(next.n, options))
  const ended = createSignal<void>()
  const stop = async () => {
    if (options.plant === 'just_exit') process.exit(0)
    ended.emit()
    await parts.stop()
    say('stopped')
    process.exit(0)
  }
  await parts.start()
  process.once('SIGTERM', () => void stop())
  say(`ready ${parts.journal.epoch}`)
  const feeding = createFeeding(options, parts, next)
  ended.subscribe(realClock.every(1000, () => reportSize(next)))
  ended.subscribe(
    realClock.every(1, () => {
      // Consumers are the slower ones: without end they would only fall behind.
      if (parts.pending() > 4000) return
      if (!feeding.done()) return feeding.burst()
    }),
  )
  if (options.count === null) return
  while (!feeding.done()) await sleep(realClock, 2)
  await takenIn(realClock, parts)
  await stop()
}

await main()
