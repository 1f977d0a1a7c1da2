import type { EventTopic } from '../contract/events.ts'
import { type Clock, sleep } from '../kernel/clock.ts'
import { once } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import { backoffMs } from '../kernel/retry.ts'
import type { BusEvent, EventBus } from '../ports/event-bus.ts'

export interface MemoryBusDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
}

export interface MemoryBusOptions {
  /** Events that may wait for one group before publishers wait for it. */
  readonly capacity?: number
}

interface Group {
  readonly name: string
  readonly queue: BusEvent[]
  readonly handler: (event: BusEvent) => Promise<void> | void
  readonly ended: AbortController
  /** Publishers that wait for room. */
  waiting: (() => void)[]
  /** Wakes the group's loop when there is an event. */
  wake: (() => void) | null
}

const RETRY = { firstMs: 50, maxMs: 5_000 }

/** The bus of a single process: a bounded queue and a loop for every group. */
export function createMemoryBus(deps: MemoryBusDeps, options: MemoryBusOptions = {}): EventBus {
  const capacity = options.capacity ?? 256
  const topics = new Map<EventTopic, Set<Group>>()
  const groupsOf = (topic: EventTopic) => {
    const groups = topics.get(topic) ?? new Set<Group>()
    topics.set(topic, groups)
    return groups
  }
  return {
    name: 'bus',
    async start() {},
    stop: once(async () => {
      for (const groups of topics.values()) for (const group of groups) end(group)
      topics.clear()
    }),
    async publish(topic, event) {
      for (const group of [...groupsOf(topic)]) await enqueue(group, event, capacity)
    },
    subscribe(topic, name, handler) {
      const group: Group = { name, queue: [], handler, ended: new AbortController(), waiting: [], wake: null }
      groupsOf(topic).add(group)
      void deliver(group, deps)
      return () => {
        groupsOf(topic).delete(group)
        end(group)
      }
    },
  }
}

/** Ends a group: its loop stops, and nobody waits for it any more. */
function end(group: Group): void {
  group.ended.abort()
  group.wake?.()
  release(group)
}

function release(group: Group): void {
  const { waiting } = group
  group.waiting = []
  for (const resume of waiting) resume()
}

async function enqueue(group: Group, event: BusEvent, capacity: number): Promise<void> {
  while (group.queue.length >= capacity && !group.ended.signal.aborted) {
    await new Promise<void>((resolve) => group.waiting.push(resolve))
  }
  if (group.ended.signal.aborted) return
  group.queue.push(event)
  group.wake?.()
}

async function deliver(group: Group, deps: MemoryBusDeps): Promise<void> {
  const { signal } = group.ended
  while (!signal.aborted) {
    const event = group.queue[0]
    if (event === undefined) {
      await new Promise<void>((resolve) => {
        group.wake = resolve
      })
      group.wake = null
      continue
    }
    await handle(group, event, deps)
    group.queue.shift()
    release(group)
  }
}

/** Hands an event over until the handler takes it. */
async function handle(group: Group, event: BusEvent, deps: MemoryBusDeps): Promise<void> {
  const { signal } = group.ended
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      await group.handler(event)
      return
    } catch (fault) {
      if (failures === 1)
        deps.logger.error(`${group.name} failed on ${event.envelope.event_id}, trying again`, { error: fault })
      await sleep(deps.clock, backoffMs(failures, { ...RETRY, random: deps.random }), signal).catch(() =>
        deps.logger.debug(`${group.name} ended`),
      )
    }
  }
}
