import type { Cursors } from '../ports/cursors.ts'
import type { DayArchive } from './day-archive.ts'

/** Days that nothing is written to any more: archived, or deleted because they are older than data is kept. */
export interface ClosedDays {
  has(date: string): boolean
  /** The newest day that was deleted; null = none was. Older ones are deleted too, or never were. */
  deletedUntil(): string | null
  /** Durable when it returns. */
  deleteUntil(date: string): void
}

const DELETED_UNTIL = 'retention:deleted-until'

export function createClosedDays(archive: Pick<DayArchive, 'has'>, cursors: Cursors): ClosedDays {
  let until: string | null | undefined
  const deletedUntil = () => {
    until ??= cursors.load(DELETED_UNTIL)
    return until
  }
  return {
    has: (date) => archive.has(date) || date <= (deletedUntil() ?? ''),
    deletedUntil,
    deleteUntil(date) {
      if (date <= (deletedUntil() ?? '')) return
      cursors.save(DELETED_UNTIL, date)
      until = date
    },
  }
}
