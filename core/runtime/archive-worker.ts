import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { createFileOpener } from '../cipher/file-cipher.ts'
import { writeArchiveParquet } from '../files/archive-parquet.ts'
import { createLegDigest } from '../files/leg-csv.ts'
import { toOpError } from '../kernel/errors.ts'
import { archiveDay } from '../store/archive-day.ts'
import type { ArchiveReply, ArchiveTask } from './archive-thread.ts'

/** A thread that archives one day and ends. Its work is minutes of reading and compressing: the recorder goes first. */
async function run(task: ArchiveTask): Promise<ArchiveReply> {
  try {
    // Elsewhere than on Linux it would slow the whole process.
    if (process.platform === 'linux') setPriority(10)
    const writeParquet = (path: string, legs: Parameters<typeof writeArchiveParquet>[1]) =>
      writeArchiveParquet(path, legs, task)
    const cipher = createFileOpener(() => task.key.found, task.key.dataDir)
    return { manifest: await archiveDay({ digestOf: createLegDigest(), writeParquet, cipher }, task) }
  } catch (fault) {
    const { code, details } = toOpError(fault)
    return { fault: { code, details } }
  }
}

void run(workerData).then((reply) => parentPort?.postMessage(reply))
