import { accessSync, constants } from 'node:fs'
import { synchronisedBy } from '../config/data-dir.ts'
import type { HealthReport } from '../contract/api-schema.ts'
import type { CallResult } from '../contract/monitor-calls.ts'
import type { DayChanges } from '../domain/instrument-changes.ts'
import { formatIst } from '../domain/ist.ts'
import { judgeReadiness, type ReadinessFacts } from '../engine/readiness.ts'
import type { ComponentStatus } from '../kernel/lifecycle.ts'
import type { Foundation, MarketParts, RecordParts } from './compose.ts'

export interface ReadinessDeps {
  readonly foundation: Foundation
  readonly record: RecordParts
  readonly market: MarketParts
  readonly components: Readonly<Record<string, () => ComponentStatus>>
  readonly health: () => HealthReport
  readonly skewMs: (now: number) => number | null
  readonly keepsAwake: () => boolean | null
}

/** Gathers what is to be judged, and hands it to the judge. */
export function createReadinessCall(deps: ReadinessDeps) {
  const { clock } = deps.foundation
  return async (): Promise<CallResult<'readiness'>> => {
    const { state, sentence, items } = judgeReadiness(await gather(deps))
    return { checked_at: formatIst(clock.wallNow()), state, sentence, items: [...items] }
  }
}

const NOT_THERE: ComponentStatus = { state: 'idle', since: 0, issue: null, detail: null }

async function gather(deps: ReadinessDeps): Promise<ReadinessFacts> {
  const { foundation, record, market, components, health, skewMs, keepsAwake } = deps
  const { clock, calendar, plan, settings } = foundation
  const now = clock.now()
  const universe = market.collector.market()?.universe ?? null
  const { disk, process: own, token } = health()
  const statusOf = (name: string) => components[name]?.() ?? NOT_THERE
  return {
    source: plan.source,
    now,
    wallNow: clock.wallNow(),
    calendar,
    dumps: market.session.dumps(),
    universeDate: universe?.date ?? null,
    expiries: (universe?.indices ?? []).map(({ spec, expiries }) => ({ index: spec.name, expiries })),
    changes: universe === null ? [] : await changesOn(deps, universe.date),
    market: statusOf('market'),
    feed: statusOf('feed'),
    journal: record.journal.status(),
    pending: market.relay.pending(),
    behind: [record.days, ...record.files].map(({ name }) => market.relay.status(name)),
    pausedSince: market.session.pausedSince(),
    skewMs: skewMs(now),
    disk: { freeBytes: disk.free_bytes, daysLeft: disk.days_left },
    memory: { bytes: own.memory_bytes, limitBytes: own.memory_limit_bytes },
    dataFolder: {
      path: settings.DATA_DIR,
      writable: isWritable(settings.DATA_DIR),
      syncedBy: synchronisedBy(settings.DATA_DIR),
    },
    platform: process.platform,
    keepsAwake: keepsAwake(),
    token: { state: token.state, endsAt: token.expires_at === null ? null : Date.parse(token.expires_at) },
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  }
}

/** Of the lists that are in use. */
async function changesOn({ record, market }: ReadinessDeps, date: string): Promise<readonly DayChanges[]> {
  const found = await Promise.all(
    market.session.dumps().map(({ exchange }) => record.reference.changes(date, exchange)),
  )
  return found.filter((one) => one !== null)
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
