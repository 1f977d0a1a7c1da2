import type { IndexName } from '../domain/index-catalog.ts'
import type { Bucket } from '../domain/instrument.ts'

export const EVENT_TOPICS = ['data_events', 'system_events'] as const
export type EventTopic = (typeof EVENT_TOPICS)[number]

export const DATA_EVENT_TYPES = ['legs_collected', 'data_processed', 'analytics_updated'] as const
export const SYSTEM_EVENT_TYPES = ['health_changed', 'alert', 'backup_completed', 'recovery_completed'] as const
export type EventType = (typeof DATA_EVENT_TYPES)[number] | (typeof SYSTEM_EVENT_TYPES)[number]

/** The contract's envelope (CONTRACT.md section 5). System events have null index, bucket and batch. */
export interface EventEnvelope {
  /** `<batch>:<event_type>` of data events: the key of idempotence. */
  readonly event_id: string
  readonly event_type: EventType
  readonly index: IndexName | null
  readonly bucket: Bucket | null
  readonly count: number
  /** Market time, epoch milliseconds. */
  readonly timestamp: number
  readonly batch: string | null
  readonly trace_id: string
  readonly schema: 1
}
