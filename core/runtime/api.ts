import type { Alerts } from '../engine/alerts.ts'
import { createLiveStream } from '../engine/live-stream.ts'
import type { MonitorApi } from '../ports/monitor-api.ts'
import { createAlertCalls } from './alert-calls.ts'
import type { Foundation, MarketParts, RecordParts } from './compose.ts'
import { createDayChains, recordedDays } from './day-chains.ts'
import type { EventStream } from './event-stream.ts'
import { createExportCalls, createExportJobs } from './export-jobs.ts'
import { createMarketCalls } from './market-calls.ts'
import type { Operations } from './operations.ts'
import { createPastChain } from './past-chain.ts'
import { createRecordedLegs } from './recorded-legs.ts'
import { createSeriesCalls } from './series-calls.ts'
import type { SettingsCalls } from './settings-calls.ts'
import { topicStream } from './topic-stream.ts'

export interface MonitorApiDeps {
  readonly foundation: Foundation
  readonly record: RecordParts
  readonly market: MarketParts
  readonly stream: EventStream
  readonly history: HistoryParts
  readonly operations: Operations
  readonly alerts: Alerts
  readonly settings: SettingsCalls
}

/** How the record of past days is read: with the list of contracts of its own day. */
export function composeHistory({ clock, calendar, settings }: Foundation, { reference, days: history }: RecordParts) {
  const chainsOn = createDayChains(reference, settings.EXPIRY_BUCKETS)
  const days = recordedDays(history, chainsOn)
  return { chainsOn, days, exports: createExportJobs({ clock, calendar, days }) }
}

type HistoryParts = ReturnType<typeof composeHistory>

/** The handlers behind HTTP, and later IPC: one implementation for both. */
export function createMonitorApi({
  foundation,
  record,
  market,
  stream,
  history: { chainsOn, days, exports },
  operations,
  alerts,
  settings,
}: MonitorApiDeps): MonitorApi {
  const { clock, calendar, plan } = foundation
  const { view, collector } = market
  const { health } = operations
  const series = createSeriesCalls({ clock, calendar, source: plan.source, view, history: record.days })
  return {
    health,
    ready: () => record.journal.status().state === 'running',
    indices: view.indices,
    expiries: view.expiries,
    optionChain: view.optionChain,
    pastChain: createPastChain({ calendar, chainsOn, history: record.days }),
    greeks: view.greeks,
    summary: view.summary,
    legs: createRecordedLegs({ clock, calendar, source: plan.source, days }),
    exportFile: exports.file,
    calls: {
      ...createMarketCalls(view, health),
      ...createAlertCalls(alerts),
      ...series,
      ...createExportCalls(exports),
      recordedDays: () => ({ source: plan.source, days: [...record.days.days()] }),
      ...settings,
      ...operations.calls,
    },
    stream: operations.counted(topicStream(stream, createLiveStream(clock, view.live, collector.taken))),
  }
}
