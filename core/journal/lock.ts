import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { OpError } from '../kernel/errors.ts'

export interface FolderLock {
  release(): void
}

/** A starting instance waits this long for one that is just ending. */
const BUSY_MS = 250

/**
 * One writer per folder. Node has no flock; an exclusive transaction on an empty database is one on every system and
 * goes with its process, however that ends. Nothing else may open `lock.db`: closing any handle of the file in this
 * process would drop the lock (fcntl(2)). Throws `data_dir_taken`, `data_dir_unwritable`.
 */
export function lockFolder(folder: string): FolderLock {
  const ownerPath = join(folder, 'lock.pid')
  const database = openExclusive(folder, ownerPath)
  try {
    writeFileSync(ownerPath, `${process.pid}\n`, { mode: 0o600 })
  } catch (fault) {
    database.close()
    throw unwritable(folder, fault)
  }
  return {
    release() {
      if (!database.open) return
      rmSync(ownerPath, { force: true })
      database.close()
    },
  }
}

function openExclusive(folder: string, ownerPath: string): Database.Database {
  let database: Database.Database | null = null
  try {
    database = new Database(join(folder, 'lock.db'), { timeout: BUSY_MS })
    database.exec('BEGIN EXCLUSIVE')
    return database
  } catch (fault) {
    database?.close()
    if (fault instanceof Database.SqliteError && fault.code.startsWith('SQLITE_BUSY'))
      throw new OpError('data_dir_taken', { path: folder, pid: ownerOf(ownerPath) }, { cause: fault })
    throw unwritable(folder, fault)
  }
}

/** Only said to the operator: it may be missing, or of an owner that died. */
function ownerOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim() || 'unknown'
  } catch {
    return 'unknown'
  }
}

export function unwritable(path: string, fault: unknown): OpError {
  const reason = fault instanceof Error ? fault.message : String(fault)
  return new OpError('data_dir_unwritable', { path, reason }, { cause: fault })
}
