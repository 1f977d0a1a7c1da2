import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { OpError } from '../kernel/errors.ts'

/**
 * The file at `path` is made by `make` under another name and takes its own when it is whole and safe; before, what was
 * there stays. Faults of the disk become `file_unwritable`.
 */
export async function replaceFile(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.tmp`
  try {
    await rm(temporary, { force: true })
    await make(temporary)
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (fault) {
    await rm(temporary, { force: true })
    throw asUnwritable(path, fault)
  }
}

/** A text that only this user may read. */
export function writePrivateText(path: string, text: string): Promise<void> {
  return replaceFile(path, async (temporary) => {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
  })
}

/** Removes a file, durably. */
export async function removeFile(path: string): Promise<void> {
  try {
    await rm(path)
    await syncFolder(dirname(path))
  } catch (fault) {
    throw asUnwritable(path, fault)
  }
}

function asUnwritable(path: string, fault: unknown): unknown {
  const isOfTheSystem = fault instanceof Error && 'syscall' in fault
  return isOfTheSystem ? new OpError('file_unwritable', { path, reason: fault.message }, { cause: fault }) : fault
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders; NTFS journals names by itself.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
