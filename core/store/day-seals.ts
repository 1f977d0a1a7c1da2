import { z } from 'zod'
import type { Cursors } from '../ports/cursors.ts'

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

export function createDaySeals(cursors: Cursors): DaySeals {
  const name = (date: string) => `store:seal:${date}`
  return {
    of(date) {
      const text = cursors.load(name(date))
      return text === null ? null : stored.parse(JSON.parse(text))
    },
    keep: (date, seal) => cursors.save(name(date), JSON.stringify(seal)),
    revoke: (date) => cursors.remove(name(date)),
  }
}
