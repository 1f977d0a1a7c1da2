import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { LEG_COLUMNS, type Leg } from '../core/domain/leg.ts'
import type { Arena, Benchmark } from './harness.ts'
import { folderFor } from './programs.ts'
import { CONTRACTS, openDay, openTable, recordsOf } from './store-day.ts'

/** Of the market: each is a transaction. */
const SECONDS = 500

const STORE = 'day store'
const BARE = 'day store without digests'
const NAIVE = 'table with an index, one row a statement'
const ENGINE = 'INSERT … SELECT within SQLite'

const NO_DIGEST = new Uint8Array(32)

async function open(): Promise<Arena> {
  const root = folderFor('ingest')
  const seconds = Array.from({ length: SECONDS }, (_, second) => recordsOf(second))
  const legs: readonly (readonly Leg[])[] = seconds.map((records) => records.flatMap(({ record }) => record.legs ?? []))
  const names = LEG_COLUMNS.map(({ name }) => name)
  const source = openTable(join(root, 'source.db'), ')')

  /** A new file each time: an old one would be overwritten. */
  const inFolder = (run: (path: string) => void) => () => {
    const folder = mkdtempSync(join(root, 'run-'))
    run(join(folder, 'legs.db'))
    rmSync(folder, { recursive: true })
    return SECONDS * CONTRACTS
  }
  const store = (digestOf?: (legs: readonly Leg[]) => Uint8Array) =>
    inFolder((path) => {
      const file = openDay(path, digestOf)
      for (const records of seconds) file.write(records)
      file.close()
    })
  const insertAll = (database: ReturnType<typeof openTable>) => {
    const insert = database.prepare(`INSERT INTO legs VALUES (${names.map((name) => `@${name}`).join()})`)
    const commit = database.transaction((some: readonly Leg[]) => {
      for (const leg of some) insert.run(leg)
    })
    for (const some of legs) commit(some)
  }
  insertAll(source)
  return {
    contestants: [
      { name: STORE, run: store() },
      { name: BARE, run: store(() => NO_DIGEST) },
      {
        name: NAIVE,
        run: inFolder((path) => {
          const database = openTable(path, ')')
          database.exec('CREATE INDEX by_instrument ON legs (token, ts)')
          insertAll(database)
          database.close()
        }),
      },
      {
        name: ENGINE,
        run: inFolder((path) => {
          const database = openTable(path, ')')
          database.prepare('ATTACH ? AS source').run(source.name)
          database.exec('INSERT INTO legs SELECT * FROM source.legs')
          database.close()
        }),
      },
    ],
    claims: [
      { text: `${NAIVE} / ${BARE}`, of: NAIVE, to: BARE, better: 'higher', pass: 3, ambitious: 5 },
      { text: `${NAIVE} / ${STORE}`, of: NAIVE, to: STORE, better: 'higher', pass: null, ambitious: null },
      { text: `${ENGINE} / ${BARE}`, of: ENGINE, to: BARE, better: 'higher', pass: null, ambitious: 0.5 },
    ],
    async close() {
      source.close()
      rmSync(root, { recursive: true })
    },
  }
}

export const ingest: Benchmark = {
  name: 'ingest',
  title: 'Legs into a day store',
  description: `${SECONDS} seconds of ${CONTRACTS} contracts, a transaction a second, from legs in memory to a closed file; synchronous NORMAL for all. The day
store writes batches with their digests, contracts, the last leg of each and its position; the anchors have all ${LEG_COLUMNS.length} columns
of a leg and nothing else.`,
  unit: 'leg',
  cost: 'processor',
  roundMs: 100,
  open,
}
