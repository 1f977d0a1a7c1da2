import { z } from 'zod'
import type { Cursors } from '../ports/cursors.ts'
import { openReadOnly } from './sqlite.ts'

/** A day that is over: nothing is written to its file any more. */
export interface DaySeal {
  /** sha256 of all that the day consists of, hexadecimal (`digestSteps`). */
  readonly digest: string
  /** Wall time, epoch milliseconds. */
  readonly sealedAt: number
}

/** Which days are sealed, kept in `meta.db`: also of a day whose file has gone into an archive. */
export interface DaySeals {
  /** null = the day may still be written to. */
  of(date: string): DaySeal | null
  keep(date: string, seal: DaySeal): void
  revoke(date: string): void
}

const stored = z.object({ digest: z.string(), sealedAt: z.number() })

const PREFIX = 'store:seal:'

function parseSeal(text: string): DaySeal {
  return stored.parse(JSON.parse(text))
}

export function createDaySeals(cursors: Cursors): DaySeals {
  const name = (date: string) => `${PREFIX}${date}`
  return {
    of(date) {
      const text = cursors.load(name(date))
      return text === null ? null : parseSeal(text)
    },
    keep: (date, seal) => cursors.save(name(date), JSON.stringify(seal)),
    revoke: (date) => cursors.remove(name(date)),
  }
}

/** The seals that stand in `meta.db` at `path`, by day, read beside whoever uses it. Throws `store_unreadable`. */
export function readSeals(path: string): ReadonlyMap<string, DaySeal> {
  const database = openReadOnly(path)
  try {
    const sql = 'SELECT name, value FROM cursors WHERE substr(name, 1, ?) = ?'
    const rows = database.prepare<[number, string], { name: string; value: string }>(sql).all(PREFIX.length, PREFIX)
    return new Map(rows.map(({ name, value }) => [name.slice(PREFIX.length), parseSeal(value)]))
  } finally {
    database.close()
  }
}
