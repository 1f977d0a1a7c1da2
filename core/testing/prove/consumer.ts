import { appendFileSync } from 'node:fs'
import { sleep } from '../../kernel/clock.ts'
import type { JournalRecord } from '../../ports/journal.ts'
import type { Projection } from '../../ports/projection.ts'
import { createMetaStore } from '../../store/meta-store.ts'
import { realClock } from '../real-clock.ts'
import { readJournal } from './compare-record.ts'
import { createProjections, forgetful, hurried } from './recorder-parts.ts'

/**
 * A process of consumers: `node consumer.ts <journal> <folder> <forgets?>`. It gives them the record from where each of
 * them stands, as a bus would that repeats itself: one call in ten comes twice, and after one in a hundred an older
 * one comes again. Says `ready`, then `done` when everything is safe.
 */
const [journal = '', folder = '', forgets = ''] = process.argv.slice(2)
const say = (text: string) => appendFileSync(1, `${text}\n`)

const CHUNK = 20

function after(records: readonly JournalRecord[], projection: Projection): readonly JournalRecord[] {
  const position = projection.position()
  if (position === null) return records
  const at = records.findIndex(
    ({ position: { epoch, seq, crc } }) => epoch === position.epoch && seq === position.seq && crc === position.crc,
  )
  if (at < 0) throw new Error(`${projection.name} stands at a record that is not there`)
  return records.slice(at + 1)
}

async function deliver(projection: Projection, records: readonly JournalRecord[]): Promise<void> {
  for (let at = 0; at < records.length; at += CHUNK) {
    const chunk = records.slice(at, at + CHUNK)
    await projection.apply(chunk)
    if (Math.random() < 0.1) await projection.apply(chunk)
    if (Math.random() < 0.01) await projection.apply(records.slice(Math.max(0, at - 3 * CHUNK), at + CHUNK))
    // A little time, so that a kill meets every stage.
    await sleep(realClock, 1)
  }
  await projection.flush()
}

const { records } = await readJournal(journal)
const meta = createMetaStore({ folder })
await meta.start()
const projections = createProjections({
  folder,
  clock: hurried(realClock, 100),
  cursors: forgets === 'forgets' ? forgetful(meta.cursors) : meta.cursors,
  isOver: () => false,
})
for (const projection of projections) await projection.start()
say('ready')
await Promise.all(projections.map((projection) => deliver(projection, after(records, projection))))
for (const projection of projections) await projection.stop()
await meta.stop()
say('done')
process.exit(0)
