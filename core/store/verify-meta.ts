import { META_MIGRATIONS } from './meta-store.ts'
import { openReadOnly } from './sqlite.ts'
import { databaseFaults } from './verify-database.ts'

/**
 * Reads `meta.db` whole and returns what is not as it was written, a sentence each; empty = sound. Throws
 * `store_unreadable` when the file cannot be opened.
 */
export function verifyMeta(path: string): readonly string[] {
  const database = openReadOnly(path)
  try {
    return databaseFaults(database, META_MIGRATIONS)
  } catch (fault) {
    // Whatever SQLite meets while it reads is damage.
    return [fault instanceof Error ? fault.message : String(fault)]
  } finally {
    database.close()
  }
}
