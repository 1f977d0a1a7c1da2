import { describe, expect, it } from 'vitest'
import { METRICS, type MetricName } from '../contract/metrics.ts'
import { createPrometheusMetrics } from './prometheus-metrics.ts'

const metrics = createPrometheusMetrics()
const names = Object.keys(METRICS) as MetricName[]

interface Family {
  readonly name: string
  readonly kind: string
  readonly help: string
}

/** What `# HELP` and `# TYPE` lines say. */
function familiesOf(text: string): readonly Family[] {
  const helps = new Map([...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name = '', help = '']) => [name, help]))
  return [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', kind = '']) => ({
    name,
    kind,
    help: helps.get(name) ?? '',
  }))
}

/** Gives every metric of the table a value, with a value for each of its labels. */
function fill(): void {
  for (const name of names) {
    const { kind, labels } = METRICS[name]
    const values = Object.fromEntries(labels.map((label) => [label, `a-${label}`])) as never
    if (kind === 'counter') metrics.increment(name, values, 2)
    if (kind === 'gauge') metrics.set(name, values, 2)
    if (kind === 'histogram') metrics.observe(name, values, 2)
  }
}

describe('metrics', () => {
  it.each(names)('%s stands there with its kind, help and labels', async (name) => {
    fill()
    const { kind, help, labels } = METRICS[name]
    const text = await metrics.render()
    expect(familiesOf(text).find((family) => family.name === name)).toEqual({ name, kind, help })
    const sample = text.split('\n').find((line) => line.startsWith(kind === 'histogram' ? `${name}_count` : name))
    for (const label of labels) expect(sample).toContain(`${label}="a-${label}"`)
    expect([...(sample ?? '').matchAll(/(\w+)="/g)].map(([, label]) => label)).toEqual([...labels])
  })

  it('has the names of the contract', () => {
    expect(names).toEqual(
      expect.arrayContaining([
        'api_requests_total',
        'api_request_duration_seconds',
        'options_legs_collected_total',
        'system_memory_usage_bytes',
        'system_cpu_usage_ratio',
        'op_market_open',
        'op_ticks_received_total',
        'op_ticks_dropped_total',
        'op_feed_connected',
        'op_feed_gap_seconds_total',
        'op_coverage_ratio',
        'op_tick_to_store_seconds',
        'op_durable_seq',
        'op_batches_pending',
        'op_writer_bytes_total',
        'op_component_up',
        'op_disk_free_bytes',
        'op_event_loop_lag_seconds',
      ]),
    )
  })

  /** The rules of `promtool check metrics`, those of the process included. */
  it('has only names, kinds and helps that promtool accepts', async () => {
    const families = familiesOf(await metrics.render())
    expect(families.length).toBeGreaterThan(names.length + 10)
    for (const { name, kind, help } of families) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/)
      expect([name, help.length > 0]).toEqual([name, true])
      expect([name, name.endsWith('_total')]).toEqual([name, kind === 'counter'])
      if (kind !== 'histogram') expect(name).not.toMatch(/_(count|sum|bucket)$/)
      expect(name).not.toMatch(/_(milliseconds|ms|minutes|hours|kilobytes|percent)(_|$)/)
      expect(name).not.toMatch(/(counter|gauge|histogram)/)
    }
    expect(new Set(families.map(({ name }) => name)).size).toBe(families.length)
  })

  it('adds, sets and observes', async () => {
    const own = createPrometheusMetrics()
    own.increment('op_ticks_received_total', { index: 'NIFTY' })
    own.increment('op_ticks_received_total', { index: 'NIFTY' }, 4)
    own.set('op_durable_seq', {}, 5)
    own.set('op_durable_seq', {}, 7)
    own.observe('op_tick_to_store_seconds', {}, 0.003)
    own.observe('op_tick_to_store_seconds', {}, 30)
    const text = await own.render()
    expect(text).toContain('op_ticks_received_total{index="NIFTY"} 5\n')
    expect(text).toContain('op_durable_seq 7\n')
    expect(text).toContain('op_tick_to_store_seconds_bucket{le="0.0025"} 0\n')
    expect(text).toContain('op_tick_to_store_seconds_bucket{le="0.005"} 1\n')
    expect(text).toContain('op_tick_to_store_seconds_bucket{le="+Inf"} 2\n')
    expect(text).not.toContain('a-index')
  })

  it('never throws into the work that it measures', async () => {
    const own = createPrometheusMetrics()
    own.increment('op_ticks_received_total', { index: 'NIFTY' }, 0)
    expect(() => own.increment('op_ticks_received_total', { index: 'NIFTY' }, -1)).not.toThrow()
    expect(() => own.increment('op_ticks_received_total', { index: 'NIFTY' }, Number.NaN)).not.toThrow()
    expect(() => own.observe('op_tick_to_store_seconds', {}, Number.NaN)).not.toThrow()
    expect(await own.render()).toContain('op_ticks_received_total{index="NIFTY"} 0\n')
  })
})
