import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { METRICS, type MetricName, type MetricSpec } from '../contract/metrics.ts'
import type { Metrics } from '../ports/metrics.ts'

type Instrument = Counter | Gauge | Histogram

/** prom-client's own names that `promtool check metrics` refuses. */
const REFUSED = /^nodejs_active_.*_total$/

/** The table of metrics on a registry of its own, with the process's metrics beside it. */
export function createPrometheusMetrics(): Metrics {
  const registry = new Registry()
  const instruments = new Map<MetricName, Instrument>()
  for (const name of Object.keys(METRICS) as MetricName[])
    instruments.set(name, instrument(name, METRICS[name], registry))
  collectDefaultMetrics({ register: registry })
  for (const { name } of registry.getMetricsAsArray()) if (REFUSED.test(name)) registry.removeSingleMetric(name)
  return {
    increment(name, labels, by = 1) {
      const counter = instruments.get(name)
      if (counter instanceof Counter && by >= 0) counter.inc({ ...labels }, by)
    },
    set(name, labels, value) {
      const gauge = instruments.get(name)
      if (gauge instanceof Gauge) gauge.set({ ...labels }, value)
    },
    observe(name, labels, value) {
      const histogram = instruments.get(name)
      if (histogram instanceof Histogram && Number.isFinite(value)) histogram.observe({ ...labels }, value)
    },
    render: () => registry.metrics(),
  }
}

/** A gauge without labels begins at 0 in prom-client: a value that nobody has measured. */
function unset(gauge: Gauge): Gauge {
  gauge.remove()
  return gauge
}

function instrument(name: string, spec: MetricSpec, registry: Registry): Instrument {
  const common = { name, help: spec.help, labelNames: [...spec.labels], registers: [registry] }
  switch (spec.kind) {
    case 'counter':
      return new Counter(common)
    case 'gauge':
      return spec.labels.length === 0 ? unset(new Gauge(common)) : new Gauge(common)
    case 'histogram':
      return new Histogram({ ...common, buckets: [...(spec.buckets ?? [])] })
  }
}
