import { appendFileSync } from 'node:fs'
import { createFileJournal } from '../journal/file-journal.ts'
import { createSystemClock } from '../platform/system-clock.ts'
import { batchEntry, sessionEntry } from './journal-builders.ts'
import { silentLogger } from './silent-logger.ts'

/**
 * A process that records until it is killed: `node journal-writer.ts <folder> <first number>`.
 * It says `sent <n>` before an append and `durable <n>` after the commit that holds it, on stdout.
 */
const [folder = '', first = '1'] = process.argv.slice(2)
const clock = createSystemClock()
const journal = createFileJournal(
  { clock, logger: silentLogger },
  { folder, source: 'sim', commitIntervalMs: 3, segmentBytes: 60_000, segmentMs: 120 },
)
await journal.start()

/** Written at once, so that a kill cannot take back what was said. */
const say = (text: string) => appendFileSync(1, `${text}\n`)

let n = Number(first)
const waiting: { n: number; seq: number }[] = []
let seq = 0
journal.onDurable((position) => {
  let last = 0
  for (let head = waiting[0]; head !== undefined && head.seq <= position.seq; head = waiting[0]) {
    last = head.n
    waiting.shift()
  }
  if (last > 0) say(`durable ${last}`)
})
say('ready')
clock.every(1, () => {
  say(`sent ${n + 19}`)
  for (let end = n + 20; n < end; n += 1) {
    if (n % 7 === 0) journal.append(sessionEntry(n))
    else {
      journal.append(batchEntry(n, 200))
      seq += 1
      waiting.push({ n, seq })
    }
  }
})
