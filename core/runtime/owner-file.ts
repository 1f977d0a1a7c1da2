import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { type FolderLock, lockFolder } from '../journal/lock.ts'
import { OpError } from '../kernel/errors.ts'
import { type Component, once } from '../kernel/lifecycle.ts'

const ownerSchema = z.object({ pid: z.number().int(), port: z.number().int(), token: z.string() })

/** Who runs on a data folder, and where it answers. */
export type Owner = z.infer<typeof ownerSchema>

const pathOf = (dataDir: string) => join(dataDir, 'run', 'owner.json')

/** Lets one instance run on a data folder, whatever its source. `start` throws `data_dir_taken`. */
export function createInstanceLock(dataDir: string): Component {
  let lock: FolderLock | null = null
  return {
    name: 'instance-lock',
    async start() {
      const folder = join(dataDir, 'run')
      mkdirSync(folder, { recursive: true })
      try {
        lock = lockFolder(folder)
      } catch (fault) {
        if (!(fault instanceof OpError) || fault.code !== 'data_dir_taken') throw fault
        throw new OpError('data_dir_taken', { ...fault.details, path: dataDir }, { cause: fault })
      }
    },
    stop: once(async () => lock?.release()),
  }
}

/** Writes `run/owner.json` (mode 600); returns what removes it. */
export function writeOwner(dataDir: string, port: number): () => void {
  const path = pathOf(dataDir)
  mkdirSync(join(dataDir, 'run'), { recursive: true })
  const owner: Owner = { pid: process.pid, port, token: randomBytes(32).toString('base64url') }
  const draft = `${path}.${process.pid}`
  // A file that is there keeps its mode, and a reader would see half a token: so a new one takes its place.
  rmSync(draft, { force: true })
  writeFileSync(draft, `${JSON.stringify(owner)}\n`, { mode: 0o600 })
  renameSync(draft, path)
  return () => {
    if (readOwner(dataDir)?.pid === process.pid) rmSync(path, { force: true })
  }
}

/** The living owner of a data folder; null when none runs or the file is left over from one that died. */
export function readOwner(dataDir: string): Owner | null {
  try {
    const owner = ownerSchema.parse(JSON.parse(readFileSync(pathOf(dataDir), 'utf8')))
    return lives(owner.pid) ? owner : null
  } catch {
    return null
  }
}

/** A process of another user lives too, though it may not be signalled. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (fault) {
    return fault instanceof Error && 'code' in fault && fault.code === 'EPERM'
  }
}
