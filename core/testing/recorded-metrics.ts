import type { MetricName } from '../contract/metrics.ts'
import type { Metrics } from '../ports/metrics.ts'

export interface RecordedMetrics extends Metrics {
  /** Sum of increments, or the last value that was set; null when there was none. Labels must match wholly. */
  value(name: MetricName, labels?: Readonly<Record<string, string>>): number | null
  /** How often a value was observed. */
  observations(name: MetricName): number
}

/** Metrics that remember what they were told. */
export function createRecordedMetrics(): RecordedMetrics {
  const values = new Map<string, number>()
  const observed = new Map<string, number>()
  const key = (name: string, labels: object) => `${name} ${JSON.stringify(Object.entries(labels).sort())}`
  return {
    increment(name, labels, by = 1) {
      values.set(key(name, labels), (values.get(key(name, labels)) ?? 0) + by)
    },
    set(name, labels, value) {
      values.set(key(name, labels), value)
    },
    observe(name) {
      observed.set(name, (observed.get(name) ?? 0) + 1)
    },
    render: async () => [...values].map(([name, value]) => `${name} ${value}\n`).join(''),
    value: (name, labels = {}) => values.get(key(name, labels)) ?? null,
    observations: (name) => observed.get(name) ?? 0,
  }
}
