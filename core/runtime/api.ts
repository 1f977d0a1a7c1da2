import type { Alerts } from '../engine/alerts.ts'
import { createLiveStream } from '../engine/live-stream.ts'
import type { MonitorApi } from '../ports/monitor-api.ts'
import { createAlertCalls } from './alert-calls.ts'
import type { Foundation, MarketParts, RecordParts } from './compose.ts'
import type { EventStream } from './event-stream.ts'
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
  readonly operations: Operations
  readonly alerts: Alerts
  readonly settings: SettingsCalls
}

/** The handlers behind HTTP, and later IPC: one implementation for both. */
export function createMonitorApi({
  foundation,
  record,
  market,
  stream,
  operations,
  alerts,
  settings,
}: MonitorApiDeps): MonitorApi {
  const { clock, calendar, plan } = foundation
  const { EXPIRY_BUCKETS: buckets } = foundation.settings
  const { view } = market
  const { health } = operations
  const series = createSeriesCalls({ clock, calendar, source: plan.source, view, history: record.days })
  return {
    health,
    ready: () => record.journal.status().state === 'running',
    indices: view.indices,
    expiries: view.expiries,
    optionChain: view.optionChain,
    pastChain: createPastChain({
      calendar,
      source: plan.source,
      buckets,
      reference: record.reference,
      history: record.days,
    }),
    greeks: view.greeks,
    summary: view.summary,
    legs: createRecordedLegs({ clock, calendar, source: plan.source, history: record.days }),
    calls: {
      ...createMarketCalls(view, health),
      ...createAlertCalls(alerts),
      ...series,
      ...settings,
      ...operations.calls,
    },
    stream: operations.counted(topicStream(stream, createLiveStream(clock, view.live))),
  }
}
