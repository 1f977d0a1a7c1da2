import { createRecordComposer } from '../contract/leg-record.ts'
import { createCsvProjection } from '../files/leg-projections.ts'
import { createSystemClock } from '../platform/system-clock.ts'
import { chooseFileAccess } from '../runtime/file-access.ts'
import { createMetaStore } from '../store/meta-store.ts'
import { buildRecords, type RecordsShape } from './leg-builder.ts'
import { silentLogger } from './silent-logger.ts'

/** What a `line-writer` writes, again and again the same. */
export const WRITTEN: RecordsShape = { seed: 11, count: 2500 }

/** A CSV projection in `folder` as the product makes it, its files mapped. */
export async function openMappedProjection(folder: string) {
  const clock = createSystemClock()
  const meta = createMetaStore({ folder })
  await meta.start()
  const projection = createCsvProjection(
    {
      clock,
      logger: silentLogger,
      cursors: meta.cursors,
      legsOf: createRecordComposer().legsOf,
      ...(await chooseFileAccess(true, silentLogger)),
    },
    { folder, source: 'sim', bufferBytes: 8192, flushMs: 20, checkpointMs: 50 },
  )
  await projection.start()
  const stop = async () => {
    try {
      await projection.stop()
    } finally {
      await meta.stop()
    }
  }
  return { projection, stop }
}

/** A process that writes until it is killed: `node line-writer.ts <folder>`. It says `applied <n>` on stdout. */
if (process.argv[1] === import.meta.filename) {
  const { projection } = await openMappedProjection(process.argv[2] ?? '')
  const position = projection.position()
  const records = buildRecords(WRITTEN)
  const from = records.findIndex((record) => JSON.stringify(record.position) === JSON.stringify(position)) + 1
  for (let at = from; at < records.length; at += 5) {
    await projection.apply(records.slice(at, at + 5))
    await new Promise((resolve) => setTimeout(resolve, 1))
    process.stdout.write(`applied ${at}\n`)
  }
}
