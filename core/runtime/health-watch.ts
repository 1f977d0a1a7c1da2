import type { HealthReport } from '../contract/api-schema.ts'
import type { Clock } from '../kernel/clock.ts'
import { type Component, once, type Unsubscribe } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import type { EventBus } from '../ports/event-bus.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { EventStream } from './event-stream.ts'

const INTERVAL_MS = 1_000

export interface HealthWatchDeps {
  readonly clock: Clock
  readonly metrics: Metrics
  readonly logger: Logger
  readonly bus: EventBus
  readonly stream: EventStream
  readonly health: () => HealthReport
  readonly newTrace: () => string
}

/** Looks at the health every second: sets `op_component_up`, feeds the topic `health`, and announces every change. */
export function createHealthWatch(deps: HealthWatchDeps): Component {
  const { clock, metrics, logger, bus, stream } = deps
  let cancel: Unsubscribe = () => {}
  let before = ''
  const look = () => {
    const report = deps.health()
    for (const [component, { state }] of Object.entries(report.components)) {
      metrics.set('op_component_up', { component }, state === 'running' ? 1 : 0)
    }
    stream.publish('health', { id: null, event: 'health', data: report })
    const issues = report.issues.join(', ')
    if (issues === before) return
    before = issues
    if (issues === '') logger.info('healthy again')
    else logger.warning(`degraded: ${issues}`)
    announce(report).catch((fault: unknown) =>
      logger.error('a change of health could not be announced', { error: fault }),
    )
  }
  const announce = (report: HealthReport) => {
    const trace_id = deps.newTrace()
    const envelope = {
      event_id: `${trace_id}:health_changed`,
      event_type: 'health_changed',
      index: null,
      bucket: null,
      count: report.issues.length,
      timestamp: clock.now(),
      batch: null,
      trace_id,
      schema: 1,
    } as const
    return bus.publish('system_events', { envelope, legs: null })
  }
  return {
    name: 'health-watch',
    async start() {
      cancel = clock.every(INTERVAL_MS, look)
    },
    stop: once(async () => cancel()),
  }
}
