import { open, rm, stat } from 'node:fs/promises'
import type { Logger } from '../kernel/logger.ts'

/** Room on the disk that is given up when there is no other, so that what is on its way can still be written. */
export interface Reserve {
  /** Takes the room, where there is enough; a disk that has not is left as it was. Never rejects. */
  hold(): Promise<void>
  /** Gives it up. False when there was nothing to give. Never rejects. */
  release(): Promise<boolean>
}

/** Real blocks: a sparse file would hold no room at all. */
const BLOCK = new Uint8Array(256 * 1024)

/** A file of `bytes` zeros at `path`; 0 bytes = no reserve. */
export function createReserve(logger: Logger, path: string, bytes: number): Reserve {
  return {
    async hold() {
      if (bytes === 0 || (await sizeOf(path)) === bytes) return
      try {
        await fill(path, bytes)
      } catch (fault) {
        await rm(path, { force: true }).catch(() => {})
        logger.warning('no room is kept in reserve for a full disk', { path, bytes, reason: String(fault) })
      }
    },
    async release() {
      if ((await sizeOf(path)) === 0) return false
      try {
        await rm(path)
        logger.warning('the disk is full: the journal uses the room that was kept in reserve', { path, bytes })
        return true
      } catch (fault) {
        logger.error('the reserve of a full disk could not be given up', { path, reason: String(fault) })
        return false
      }
    },
  }
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => null)
  return found?.size ?? 0
}

async function fill(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'w', 0o600)
  try {
    for (let left = bytes; left > 0; ) {
      const { bytesWritten } = await file.write(BLOCK, 0, Math.min(BLOCK.length, left))
      left -= bytesWritten
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Whether a fault says that the disk has no room. */
export function isDiskFull(fault: unknown): boolean {
  return fault instanceof Error && 'code' in fault && (fault.code === 'ENOSPC' || fault.code === 'EDQUOT')
}
