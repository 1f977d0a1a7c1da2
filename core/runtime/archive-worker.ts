import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { createFileOpener } from '../cipher/file-cipher.ts'
import { writeArchiveParquet } from '../files/archive-parquet.ts'
import { createLegDigest } from '../files/leg-csv.ts'
import { readArchiveParquet } from '../files/read-archive-parquet.ts'
import { toOpError } from '../kernel/errors.ts'
import { type ArchiveDayDeps, archiveDay } from '../store/archive-day.ts'
import { unpackDay } from '../store/unpack-day.ts'
import type { ArchiveTask, ThreadReply, ThreadTask } from './archive-thread.ts'
import { chooseFileAccess } from './file-access.ts'

/** A thread that archives or unpacks one day and ends. */
async function run(given: ThreadTask): Promise<ThreadReply> {
  const { key, useMapping } = given.task
  const cipher = createFileOpener(() => key.found, key.dataDir)
  const { openFinished } = await chooseFileAccess(useMapping)
  const reading = { digestOf: createLegDigest(), readParquet: readArchiveParquet, cipher, openFinished }
  try {
    if (given.kind === 'archive') return { manifest: await archive(reading, given.task) }
    await unpackDay(reading, given.task)
    return { manifest: null }
  } catch (fault) {
    const { code, details } = toOpError(fault)
    return { fault: { code, details } }
  }
}

/** Minutes of reading and compressing: the recorder goes first. */
function archive(reading: Omit<ArchiveDayDeps, 'writeParquet'>, task: ArchiveTask) {
  // Elsewhere than on Linux it would slow the whole process.
  if (process.platform === 'linux') setPriority(10)
  const writeParquet: ArchiveDayDeps['writeParquet'] = (path, legs, exact) =>
    writeArchiveParquet(path, legs, { compress: task.compress, exact })
  return archiveDay({ ...reading, writeParquet }, task)
}

void run(workerData).then((reply) => parentPort?.postMessage(reply))
