import { Worker } from 'node:worker_threads'
import type { FoundKey } from '../cipher/keyring.ts'
import { type ErrorCode, type ErrorDetails, OpError } from '../kernel/errors.ts'
import type { ArchiveDayOptions } from '../store/archive-day.ts'
import type { ArchiveManifest } from '../store/archive-manifest.ts'

export interface ArchiveTask extends ArchiveDayOptions {
  /** For text files that are encrypted already: the key as the keyring found it, and DATA_DIR. */
  readonly key: { readonly found: FoundKey; readonly dataDir: string }
}

/** What the thread answers; an error has only its parts when it comes from there. */
export type ArchiveReply =
  | { readonly manifest: ArchiveManifest }
  | { readonly fault: { readonly code: ErrorCode; readonly details: ErrorDetails } }

/**
 * Archives a day in a thread of its own, which `signal` ends at whatever it is doing: what it leaves is completed by the
 * next attempt. Throws what `archiveDay` throws.
 */
export async function archiveInThread(
  worker: string,
  task: ArchiveTask,
  signal: AbortSignal,
): Promise<ArchiveManifest> {
  signal.throwIfAborted()
  const thread = new Worker(worker, { workerData: task })
  const end = () => void thread.terminate()
  signal.addEventListener('abort', end, { once: true })
  try {
    const reply = await new Promise<ArchiveReply>((resolve, reject) => {
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
