import { createLiveStream } from '../engine/live-stream.ts'
import type { ComponentStatus } from '../kernel/lifecycle.ts'
import type { MonitorApi } from '../ports/monitor-api.ts'
import type { Foundation, MarketParts, RecordParts } from './compose.ts'
import type { EventStream } from './event-stream.ts'
import { healthReport } from './health.ts'
import { createMarketCalls } from './market-calls.ts'
import { PENDING_CALLS } from './pending-calls.ts'
import { createSeriesCalls } from './series-calls.ts'
import type { SettingsCalls } from './settings-calls.ts'
import { topicStream } from './topic-stream.ts'

export interface MonitorApiDeps {
  readonly foundation: Foundation
  readonly record: RecordParts
  readonly market: MarketParts
  readonly stream: EventStream
  readonly version: string
  readonly settings: SettingsCalls
}

/** The handlers behind HTTP, and later IPC: one implementation for both. */
export function createMonitorApi({
  foundation,
  record,
  market,
  stream,
  version,
  settings,
}: MonitorApiDeps): MonitorApi {
  const { clock, calendar, plan } = foundation
  const consumers = [record.days, ...record.files].map(({ name }) => name)
  const components: Record<string, () => ComponentStatus> = {
    market: market.session.status,
    feed: () => feedStatus(market),
    journal: record.journal.status,
    ...Object.fromEntries(consumers.map((name) => [name, () => market.relay.status(name)])),
  }
  const { view, collector, relay, tally, feed } = market
  const health = () =>
    healthReport({
      clock,
      calendar,
      source: plan.source,
      version,
      collector,
      journal: record.journal,
      relay,
      tally,
      components,
      rejected: () => feed.counts().rejected,
    })
  const series = createSeriesCalls({ clock, calendar, source: plan.source, view, history: record.days })
  return {
    health,
    ready: () => record.journal.status().state === 'running',
    indices: view.indices,
    expiries: view.expiries,
    optionChain: view.optionChain,
    greeks: view.greeks,
    summary: view.summary,
    calls: { ...PENDING_CALLS, ...createMarketCalls(view, health), ...series, ...settings },
    stream: topicStream(stream, createLiveStream(clock, view.live)),
  }
}

/** The feed is not expected to run before there is something to subscribe. */
function feedStatus({ feed, session, collector }: MarketParts): ComponentStatus {
  return collector.market() === null ? { ...session.status(), issue: null, detail: null } : feed.status()
}
