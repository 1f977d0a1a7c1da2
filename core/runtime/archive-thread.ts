import { Worker } from 'node:worker_threads'
import type { FoundKey } from '../cipher/keyring.ts'
import { type ErrorCode, type ErrorDetails, OpError } from '../kernel/errors.ts'
import type { ArchiveDayOptions } from '../store/archive-day.ts'
import type { ArchiveManifest } from '../store/archive-manifest.ts'
import type { UnpackDayOptions } from '../store/unpack-day.ts'

interface WithReading {
  /** For what is encrypted already: the key as the keyring found it, and DATA_DIR. */
  readonly key: { readonly found: FoundKey; readonly dataDir: string }
  /** USE_MEMORY_MAPPING. */
  readonly useMapping: boolean
}

export type ArchiveTask = ArchiveDayOptions & WithReading
export type UnpackTask = UnpackDayOptions & WithReading

/** What the thread is to do. */
export type ThreadTask =
  | { readonly kind: 'archive'; readonly task: ArchiveTask }
  | { readonly kind: 'unpack'; readonly task: UnpackTask }

/** What the thread answers; an error has only its parts when it comes from there. */
export type ThreadReply =
  | { readonly manifest: ArchiveManifest | null }
  | { readonly fault: { readonly code: ErrorCode; readonly details: ErrorDetails } }

/** A row group of a day, read or written, takes half of it; without a bound it would grow to several times that. */
const HEAP_MB = 512

/**
 * Archives a day in a thread of its own, which `signal` ends at whatever it is doing: what it leaves is completed by the
 * next attempt. Throws what `archiveDay` throws.
 */
export async function archiveInThread(
  worker: string,
  task: ArchiveTask,
  signal: AbortSignal,
): Promise<ArchiveManifest> {
  const manifest = await runInThread(worker, { kind: 'archive', task }, signal)
  if (manifest === null) throw new OpError('internal', { reason: 'the thread that archives has no manifest' })
  return manifest
}

/** The same for `unpackDay`. */
export async function unpackInThread(worker: string, task: UnpackTask, signal: AbortSignal): Promise<void> {
  await runInThread(worker, { kind: 'unpack', task }, signal)
}

async function runInThread(worker: string, workerData: ThreadTask, signal: AbortSignal) {
  signal.throwIfAborted()
  const thread = new Worker(worker, { workerData, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } })
  const end = () => void thread.terminate()
  signal.addEventListener('abort', end, { once: true })
  try {
    const reply = await new Promise<ThreadReply>((resolve, reject) => {
      thread.once('message', resolve)
      thread.once('error', reject)
      thread.once('exit', () => reject(new OpError('internal', { reason: 'the thread that archives has ended' })))
    })
    if ('fault' in reply) throw new OpError(reply.fault.code, reply.fault.details)
    return reply.manifest
  } finally {
    signal.removeEventListener('abort', end)
    await thread.terminate()
  }
}
