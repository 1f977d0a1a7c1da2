import type { EventEnvelope, EventTopic } from '../contract/events.ts'
import type { Leg } from '../domain/leg.ts'
import type { Component, Unsubscribe } from '../kernel/lifecycle.ts'

export interface BusEvent {
  readonly envelope: EventEnvelope
  /** The legs of a data event, null for a system event. */
  readonly legs: readonly Leg[] | null
}

/**
 * Events between services, at least once and in order per topic and group. `publish` resolves when every group has
 * taken the event into its bounded queue: a slow group pushes back on the publisher and loses nothing.
 * A handler that rejects gets the same event again (its `event_id` is the key of idempotence).
 */
export interface EventBus extends Component {
  publish(topic: EventTopic, event: BusEvent): Promise<void>
  subscribe(topic: EventTopic, group: string, handler: (event: BusEvent) => Promise<void> | void): Unsubscribe
}
