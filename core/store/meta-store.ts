import { closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { OpError } from '../kernel/errors.ts'
import { type Component, once } from '../kernel/lifecycle.ts'
import type { AlertStore } from '../ports/alert-store.ts'
import type { Cursors } from '../ports/cursors.ts'
import { createAlertStore } from './alert-store.ts'
import { metaCursors } from './migrations/meta-001-cursors.ts'
import { metaAlerts } from './migrations/meta-002-alerts.ts'
import { metaChecksums } from './migrations/meta-003-checksums.ts'
import { withChecksum } from './row-checksum.ts'
import { type Database, guardWrite, openDatabase } from './sqlite.ts'

export const META_MIGRATIONS = [metaCursors, metaAlerts, metaChecksums]

/** `store/meta.db`: small state that is no projection. Every commit survives a power cut. */
export interface MetaStore extends Component {
  /** Usable between start and stop. */
  readonly cursors: Cursors
  readonly alerts: AlertStore
}

/** Makes the file for the owner alone before SQLite would make it for everybody. */
function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, 'a', 0o600))
  } catch (fault) {
    const reason = fault instanceof Error ? fault.message : String(fault)
    throw new OpError('store_unreadable', { path, reason }, { cause: fault })
  }
}

function createCursors(path: string, database: () => Database): Cursors {
  return {
    load(name) {
      const row = database().prepare<[string], { value: string }>('SELECT value FROM cursors WHERE name = ?').get(name)
      return row?.value ?? null
    },
    save(name, value) {
      const upsert = `INSERT INTO cursors VALUES (?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value, checksum = excluded.checksum`
      guardWrite(path, () =>
        database()
          .prepare(upsert)
          .run(...withChecksum([name, value])),
      )
    },
    remove(name) {
      guardWrite(path, () => database().prepare('DELETE FROM cursors WHERE name = ?').run(name))
    },
  }
}

/** The meta store of DATA_DIR `folder`. Start throws `store_unreadable` for a damaged file and leaves it in place. */
export function createMetaStore({ folder }: { readonly folder: string }): MetaStore {
  const path = join(folder, 'store', 'meta.db')
  let database: Database | null = null
  const opened = () => {
    if (database === null) throw new OpError('internal', { reason: 'the meta store is not open' })
    return database
  }
  return {
    name: 'meta_store',
    cursors: createCursors(path, opened),
    alerts: createAlertStore(path, opened),
    async start() {
      mkdirSync(join(folder, 'store'), { recursive: true })
      createPrivately(path)
      database = openDatabase(path, { synchronous: 'FULL', migrations: META_MIGRATIONS })
    },
    stop: once(async () => {
      database?.close()
      database = null
    }),
  }
}
