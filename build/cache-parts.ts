import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const POLL_MS = 200

const codeOf = (fault: unknown) => (fault instanceof Error && 'code' in fault ? fault.code : null)

/** Whether the process that wrote a lock file still lives. */
function isHeld(lockFile: string): boolean {
  try {
    process.kill(Number(readFileSync(lockFile, 'utf8')), 0)
    return true
  } catch (fault) {
    return codeOf(fault) === 'EPERM'
  }
}

function tryLock(lockFile: string): boolean {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: 'wx' })
    return true
  } catch (fault) {
    if (codeOf(fault) === 'EEXIST') return false
    throw fault
  }
}

function releaseOwn(lockFile: string): void {
  try {
    if (readFileSync(lockFile, 'utf8') === String(process.pid)) rmSync(lockFile)
  } catch {
    // There is no lock of ours.
  }
}

/**
 * The folder `cache/name`, made by `make` in a folder beside it when it is not there yet and moved into place when it
 * is whole. Of several processes one makes it and the others wait; a process that died half-way leaves nothing that
 * counts. The lock only saves work: without it the first to move into place would win.
 */
export async function cachePart(cache: string, name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cache, name)
  const lockFile = `${folder}.lock`
  mkdirSync(cache, { recursive: true })
  while (!existsSync(folder) && !tryLock(lockFile)) {
    if (isHeld(lockFile)) await pause(POLL_MS)
    else rmSync(lockFile, { force: true })
  }
  const half = `${folder}.${randomUUID()}.half`
  try {
    if (existsSync(folder)) return folder
    mkdirSync(half)
    await make(half)
    if (!existsSync(folder)) renameSync(half, folder)
    return folder
  } finally {
    rmSync(half, { recursive: true, force: true })
    releaseOwn(lockFile)
  }
}
