import type { HealthReport } from '../contract/api-schema.ts'
import { formatIst } from '../domain/ist.ts'
import { isPruned, type Pruned } from '../journal/prune.ts'
import type { Component, ComponentStatus } from '../kernel/lifecycle.ts'
import type { Position } from '../ports/journal.ts'
import { type Archiver, createArchiver } from '../store/archiver.ts'
import { createClockGuard } from '../store/clock-guard.ts'
import { createKeeping } from '../store/keeping.ts'
import { archiveInThread } from './archive-thread.ts'
import type { Foundation, MarketParts, RecordParts } from './compose.ts'

export interface KeepingParts {
  readonly foundation: Foundation
  readonly record: RecordParts
  readonly market: MarketParts
  readonly version: string
  /** The program of the thread that archives. */
  readonly archiveWorker: string
  /** See ClockSkew. */
  readonly skewMs: (now: number) => number | null
}

/** What moves old days to the archive, and deletes those that are no longer kept. */
export interface Keepers {
  readonly parts: readonly Component[]
  readonly statuses: Readonly<Record<string, () => ComponentStatus>>
  report(): HealthReport['archive']
}

const DAY_MS = 86_400_000

export function composeKeepers(deps: KeepingParts): Keepers {
  const { settings, clock, plan } = deps.foundation
  const { journal, days, meta } = deps.record
  const logger = deps.foundation.logger.child({ service: 'archive' })
  const { relay } = deps.market
  const root = plan.dataRoot
  const caughtUp = () => Object.values(relay.pending()).every((count) => count === 0)
  const archiver = composeArchiver(deps, caughtUp)
  const keeping = createKeeping(
    {
      ...{ clock, logger, days, caughtUp, cursors: meta.cursors },
      guard: createClockGuard({ clock, cursors: meta.cursors, exchangeSkewMs: () => deps.skewMs(clock.now()) }),
      lastTs: journal.lastTs,
      pruneJournal: (untilTs) => pruneTaken(deps, untilTs),
    },
    {
      root,
      keptDays: settings.DATA_RETENTION_PERIOD === 'infinite' ? null : settings.DATA_RETENTION_PERIOD,
      journalKeptMs: settings.ENABLE_POINT_IN_TIME_RECOVERY ? settings.RECOVERY_LOG_RETENTION_DAYS * DAY_MS : 0,
    },
  )
  return {
    parts: [...(archiver === null ? [] : [archiver]), keeping],
    statuses: { ...(archiver === null ? {} : { archive: archiver.status }), retention: keeping.status },
    report: () => reportOf(archiver, days.archive.days().length),
  }
}

function composeArchiver({ foundation, record, version, archiveWorker }: KeepingParts, caughtUp: () => boolean) {
  const { settings, clock, plan, encryption } = foundation
  if (!settings.ENABLE_ARCHIVAL) return null
  const { dataRoot: root, source } = plan
  const compress = settings.ARCHIVE_COMPRESSION_ENABLED
  const level = settings.ARCHIVE_COMPRESSION_LEVEL
  const useMapping = settings.USE_MEMORY_MAPPING
  const archiveDay = (date: string, signal: AbortSignal) => {
    const key = { found: encryption.keyring.find(), dataDir: settings.DATA_DIR }
    const task = { root, date, source, product: version, now: clock.wallNow(), compress, level, key, useMapping }
    return archiveInThread(archiveWorker, task, signal)
  }
  const logger = foundation.logger.child({ service: 'archive' })
  return createArchiver(
    { clock, logger, days: record.days, caughtUp, archiveDay, cipher: encryption.cipher },
    { root, afterDays: settings.ARCHIVAL_AFTER_DAYS },
  )
}

/** Only what everything that is built from the journal has taken, and made safe. */
async function pruneTaken({ record }: KeepingParts, untilTs: number): Promise<Pick<Pruned, 'segments' | 'bytes'>> {
  const positions = [record.days, ...record.files].map((consumer) => consumer.position())
  const taken = positions.reduce(earlier)
  return taken === null || taken === undefined ? { segments: 0, bytes: 0 } : record.journal.prune({ untilTs, taken })
}

/** null = a consumer has nothing yet. */
function earlier(a: Position | null, b: Position | null): Position | null {
  if (a === null || b === null) return null
  return isPruned(a, b) ? a : b
}

function reportOf(archiver: Archiver | null, days: number): HealthReport['archive'] {
  const last = archiver?.last() ?? null
  return {
    days,
    last:
      last === null
        ? null
        : {
            date: last.date,
            at: formatIst(last.at),
            bytes_before: last.bytesBefore,
            bytes_after: last.bytesAfter,
          },
    next: archiver?.next() ?? null,
  }
}
