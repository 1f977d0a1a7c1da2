import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { OpError } from '../kernel/errors.ts'

/** A file that has its name only when it is whole. */
export interface PartialFile {
  write(bytes: Uint8Array): Promise<void>
  /** Makes it safe and gives it its name, in the place of what was there. */
  finish(): Promise<void>
  /** Leaves nothing; safe to call after `finish`. */
  discard(): Promise<void>
}

/** Everything throws `file_unwritable`. */
export async function openPartialFile(path: string): Promise<PartialFile> {
  const partial = `${path}.${randomUUID().slice(0, 8)}.partial`
  const guarded = async <Result>(run: () => Promise<Result>): Promise<Result> => {
    try {
      return await run()
    } catch (fault) {
      const reason = fault instanceof Error ? fault.message : String(fault)
      throw new OpError('file_unwritable', { path, reason }, { cause: fault })
    }
  }
  const handle = await guarded(() => open(partial, 'wx'))
  return {
    write: (bytes) => guarded(() => handle.writeFile(bytes)),
    finish: () =>
      guarded(async () => {
        await handle.sync()
        await handle.close()
        await rename(partial, path)
      }),
    async discard() {
      await handle.close().catch(() => {})
      await rm(partial, { force: true })
    },
  }
}
