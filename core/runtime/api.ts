import type { Alerts } from '../engine/alerts.ts'
import { createLiveStream } from '../engine/live-stream.ts'
import type { MonitorApi } from '../ports/monitor-api.ts'
import { createAlertCalls } from './alert-calls.ts'
import type { Foundation, MarketParts, RecordParts } from './compose.ts'
import { createDayListings } from './day-listings.ts'
import type { EventStream } from './event-stream.ts'
import { createExportCalls, createExportJobs } from './export-jobs.ts'
import { createHistoryCalls } from './history-calls.ts'
import { createMarketCalls } from './market-calls.ts'
import type { Operations } from './operations.ts'
import { createPastChain } from './past-chain.ts'
import { recordedDays } from './recorded-days.ts'
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
  const listings = createDayListings({ buckets: settings.EXPIRY_BUCKETS, reference })
  const days = recordedDays(history, listings)
  return { listings, days, exports: createExportJobs({ clock, calendar, days }) }
}

type HistoryParts = ReturnType<typeof composeHistory>

/** The handlers behind HTTP, and later IPC: one implementation for both. */
export function createMonitorApi({
  foundation,
  record,
  market,
  stream,
  history: { listings, days, exports },
  operations,
  alerts,
  settings,
}: MonitorApiDeps): MonitorApi {
  const { clock, calendar, plan } = foundation
  const { view, collector } = market
  const { health } = operations
  const { source } = plan
  const history = record.days
  return {
    health,
    ready: () => record.journal.status().state === 'running',
    indices: view.indices,
    expiries: view.expiries,
    optionChain: view.optionChain,
    pastChain: createPastChain({ calendar, listings, history }),
    greeks: view.greeks,
    summary: view.summary,
    legs: createRecordedLegs({ clock, calendar, source, days }),
    exportFile: exports.file,
    calls: {
      ...createMarketCalls(view, health),
      ...createAlertCalls(alerts),
      ...createSeriesCalls({ clock, calendar, source, view, listings, history }),
      ...createExportCalls(exports),
      ...createHistoryCalls({
        calendar,
        source,
        rate: foundation.settings.RISK_FREE_RATE,
        indices: foundation.settings.INDICES,
        listings,
        closingIvs: market.closingIvs,
        unwritten: () => market.gaps.unwritten(clock.now()),
        history,
      }),
      ...settings,
      ...operations.calls,
    },
    stream: operations.counted(topicStream(stream, createLiveStream(clock, view.live, collector.taken))),
  }
}
