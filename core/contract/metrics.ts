export interface MetricSpec {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  readonly buckets?: readonly number[]
}

const FAST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.5, 1, 2.5, 5]

/** Every metric of the product (CONTRACT.md section 7); process metrics are added by the adapter. */
export const METRICS = {
  api_requests_total: { kind: 'counter', help: 'API requests', labels: ['method', 'endpoint', 'status', 'code'] },
  api_request_duration_seconds: {
    kind: 'histogram',
    help: 'Duration of API requests',
    labels: ['method', 'endpoint'],
    buckets: FAST_SECONDS,
  },
  options_legs_collected_total: { kind: 'counter', help: 'Durable legs', labels: ['index', 'bucket'] },
  system_memory_usage_bytes: { kind: 'gauge', help: 'Resident memory of the process', labels: [] },
  op_memory_stage: {
    kind: 'gauge',
    help: 'Stages in which memory is spared: 0 none, 1 caches, 2 series, 3 batches',
    labels: [],
  },
  system_cpu_usage_ratio: { kind: 'gauge', help: 'CPU time of the process over wall time, 1 = one core', labels: [] },
  op_market_open: { kind: 'gauge', help: '1 while options of the index trade', labels: ['index'] },
  op_ticks_received_total: { kind: 'counter', help: 'Packets received', labels: ['index'] },
  op_ticks_dropped_total: {
    kind: 'counter',
    help: 'Packets not recorded; future_time: recorded, their time not believed',
    labels: ['reason'],
  },
  op_feed_connected: { kind: 'gauge', help: '1 while every needed connection is open', labels: [] },
  op_feed_gap_seconds_total: {
    kind: 'counter',
    help: 'Seconds of open session without packets',
    labels: ['index', 'cause'],
  },
  op_coverage_ratio: {
    kind: 'gauge',
    help: "Share of the day's session so far of which no packets are missing",
    labels: ['index'],
  },
  op_tick_to_store_seconds: {
    kind: 'histogram',
    help: 'From socket read to durable in the journal',
    labels: [],
    buckets: FAST_SECONDS,
  },
  op_durable_seq: { kind: 'gauge', help: 'Sequence number of the last durable batch', labels: [] },
  op_batches_pending: { kind: 'gauge', help: "Durable sequence minus the consumer's", labels: ['consumer'] },
  op_writer_bytes_total: { kind: 'counter', help: 'Bytes written', labels: ['format'] },
  op_component_up: { kind: 'gauge', help: '1 while the component runs', labels: ['component'] },
  op_disk_free_bytes: { kind: 'gauge', help: 'Free bytes on the disk of DATA_DIR', labels: [] },
  op_event_loop_lag_seconds: { kind: 'gauge', help: 'Event loop delay, p99 of the last interval', labels: [] },
  op_main_thread_stalls_total: { kind: 'counter', help: 'Stalls of the main thread over 250 ms', labels: [] },
  op_page_reloads_total: {
    kind: 'counter',
    help: 'Times that the page of the desktop window had to be loaded again',
    labels: ['reason'],
  },
  op_alerts_raised_total: { kind: 'counter', help: 'Alerts raised by rules', labels: ['kind'] },
  op_alert_deliveries_total: {
    kind: 'counter',
    help: 'Alerts sent by e-mail and webhook, and those that could not be',
    labels: ['channel', 'state'],
  },
  op_record_damaged_files: { kind: 'gauge', help: 'Files of the record known to be damaged', labels: [] },
  op_record_last_verified_timestamp_seconds: {
    kind: 'gauge',
    help: 'When finished files of the record were last verified',
    labels: [],
  },
  op_kite_token_expires_timestamp_seconds: { kind: 'gauge', help: 'When the Kite token dies', labels: [] },
} as const satisfies Record<string, MetricSpec>

export type MetricName = keyof typeof METRICS
