import {
  CHAIN_EVENT,
  CHAIN_UNAVAILABLE_EVENT,
  type ChainHead,
  type ChainLegRow,
  type ChainMessage,
  type ChainMetrics,
  type ChainTopic,
  looksSame,
  readChainTopic,
} from '../contract/chain-stream.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import type { Bucket } from '../domain/instrument.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import type { Unsubscribe } from '../kernel/lifecycle.ts'
import type { Signal } from '../kernel/signal.ts'
import type { StreamEvent } from '../ports/monitor-api.ts'

/** A screen shows no more than ten states a second. */
const PACE_MS = 100
/** So much before its time a message may go, lest one that was late puts off all those behind it. */
const SLACK_MS = 50
/** Metrics of the whole chain, and a sign of life when nothing is received. */
const SLOW_MS = 1_000
/** They go with the next message of news, which they must not put off; one of their own they get only in silence. */
const SILENCE_MS = 200

/**
 * As time runs, and with every forward, the last digits of all Greeks move, which only a whole lot shows. They are
 * looked at in turns: what one unit shows goes at once, the rest within so many messages.
 */
const TURNS = 10

/** A chain as it stands, for screens. */
export interface LiveChain {
  /** The same object as long as strikes and contracts are the same. */
  readonly identity: object
  readonly expiry: string
  readonly lotSize: number
  readonly settlesAt: number
  readonly strikes: readonly number[]
  /** By slot. */
  readonly symbols: readonly (string | null)[]
  readonly head: ChainHead
  readonly legs: readonly (ChainLegRow | null)[]
}

/** What the stream reads; throws OpError where there is no such chain now. */
export interface LiveChains {
  /** Newest receipt that can have changed the chain; cheap. */
  pulse(index: IndexName, bucket: Bucket): number
  chain(index: IndexName, bucket: Bucket): LiveChain
  metrics(index: IndexName, bucket: Bucket): ChainMetrics
}

/** Live chains for screens. A chain is read once for all who follow it, and only while somebody does. */
export interface LiveStream {
  /**
   * Ends when `signal` aborts. Whoever reads slowly gets fewer messages with more in each, and never a queue:
   * what changed is found when the next message is asked for.
   */
  follow(topic: ChainTopic, signal: AbortSignal): AsyncIterable<StreamEvent>
}

interface Channel {
  readonly topic: ChainTopic
  readonly waiting: Set<() => void>
  chain: LiveChain | null
  fault: OpError | null
  metrics: ChainMetrics | null
  metricsVersion: number
  /** Rises with every change, and with every sign of life. */
  version: number
  /** Version from which on strikes and contracts are as they are. */
  identityVersion: number
  /** Version of the latest change by slot. */
  changed: Uint32Array
  pulse: number
  /** When the next message is due by the pace, monotonic. */
  dueAt: number
  /** Metrics are to be computed anew, and a message is to be sent in any case. */
  isSlow: boolean
  /** Set while the chain is to be looked at. */
  cancelLook: Unsubscribe | null
  /** The latest news had to wait for its message. */
  hasWaited: boolean
  readers: number
  stop: Unsubscribe
}

/** `received` tells of everything that is received, of whatever chain. */
export function createLiveStream(
  clock: Clock,
  chains: LiveChains,
  received: Pick<Signal<unknown>, 'subscribe'>,
): LiveStream {
  const channels = new Map<ChainTopic, Channel>()
  const open = (topic: ChainTopic): Channel => {
    const known = channels.get(topic)
    if (known !== undefined) return known
    const made = createChannel(topic)
    const plan = () => planLook(made, clock, chains)
    const ignore = received.subscribe(plan)
    let stopWait: Unsubscribe = () => {}
    const stopSlow = clock.every(SLOW_MS, () => {
      made.isSlow = true
      stopWait = clock.after(SILENCE_MS, plan)
    })
    made.stop = () => {
      ignore()
      stopSlow()
      stopWait()
      made.cancelLook?.()
    }
    look(made, clock, chains)
    channels.set(topic, made)
    return made
  }
  const close = (channel: Channel) => {
    channel.readers -= 1
    if (channel.readers > 0) return
    channel.stop()
    channels.delete(channel.topic)
  }
  return {
    async *follow(topic, signal) {
      const channel = open(topic)
      channel.readers += 1
      let seq = 0
      let seen = 0
      const wakeAll = () => wake(channel)
      signal.addEventListener('abort', wakeAll, { once: true })
      try {
        while (!signal.aborted) {
          if (channel.version === seen) await new Promise<void>((resolve) => void channel.waiting.add(resolve))
          else {
            const event = eventSince(channel, seen, seq)
            seen = channel.version
            seq += 1
            yield event
          }
        }
      } finally {
        signal.removeEventListener('abort', wakeAll)
        close(channel)
      }
    },
  }
}

function createChannel(topic: ChainTopic): Channel {
  return {
    topic,
    waiting: new Set(),
    chain: null,
    fault: null,
    metrics: null,
    metricsVersion: 0,
    version: 0,
    identityVersion: 0,
    changed: new Uint32Array(0),
    pulse: Number.NaN,
    dueAt: Number.NEGATIVE_INFINITY,
    isSlow: true,
    cancelLook: null,
    hasWaited: false,
    readers: 0,
    stop: () => {},
  }
}

function wake(channel: Channel): void {
  const waiting = [...channel.waiting]
  channel.waiting.clear()
  for (const resolve of waiting) resolve()
}

/**
 * Looks at the chain at once, which is when the sockets have been read, or as soon as the pace allows: the first news
 * after a silence does not wait, and those behind it become one message. When news had to wait twice in turn, a feed
 * about as fast as the pace would be late for ever: then the next news, if there is any, takes along what waits.
 */
function planLook(channel: Channel, clock: Clock, chains: LiveChains): void {
  const wait = Math.max(0, channel.dueAt - SLACK_MS - clock.monotonicMs())
  if (channel.cancelLook !== null && (wait > 0 || !channel.hasWaited)) return
  channel.cancelLook?.()
  channel.cancelLook = clock.after(wait > 0 && channel.hasWaited ? wait + PACE_MS : wait, () => {
    channel.cancelLook = null
    look(channel, clock, chains)
  })
  channel.hasWaited = wait > 0
}

/** Reads the chain if something of it was received, and once a second in any case. */
function look(channel: Channel, clock: Clock, chains: LiveChains): void {
  const { isSlow } = channel
  const { index, bucket } = readChainTopic(channel.topic)
  try {
    const pulse = chains.pulse(index, bucket)
    if (!isSlow && pulse === channel.pulse) return
    channel.pulse = pulse
    take(channel, chains.chain(index, bucket))
    if (isSlow) {
      channel.metrics = chains.metrics(index, bucket)
      channel.metricsVersion = channel.version
    }
  } catch (fault) {
    if (!(fault instanceof OpError)) throw fault
    if (channel.fault?.code === fault.code && !isSlow) return
    channel.fault = fault
    channel.version += 1
  }
  channel.isSlow = false
  channel.dueAt = Math.max(channel.dueAt, clock.monotonicMs()) + PACE_MS
  wake(channel)
}

function take(channel: Channel, chain: LiveChain): void {
  const before = channel.chain
  const isNew = before === null || channel.fault !== null || before.identity !== chain.identity
  channel.version += 1
  channel.fault = null
  if (isNew) {
    channel.chain = chain
    channel.identityVersion = channel.version
    channel.changed = new Uint32Array(chain.legs.length).fill(channel.version)
    return
  }
  const legs = chain.legs.map((row, slot) => {
    const known = before.legs[slot] ?? null
    const isSame = (channel.version + slot) % TURNS === 0 ? sameRow : looksSame
    // What is held is what was sent: so small steps add up.
    if (row === null || known === null ? row === known : isSame(row, known)) return known
    channel.changed[slot] = channel.version
    return row
  })
  channel.chain = { ...chain, legs }
}

function sameRow(a: ChainLegRow, b: ChainLegRow): boolean {
  return a.every((value, column) => value === b[column])
}

function eventSince(channel: Channel, seen: number, seq: number): StreamEvent {
  const { topic, chain, fault } = channel
  if (fault !== null || chain === null) {
    const { code, message } = fault ?? new OpError('universe_unknown')
    return { id: null, event: CHAIN_UNAVAILABLE_EVENT, data: { topic, code, message } }
  }
  return { id: null, event: CHAIN_EVENT, data: messageSince(channel, chain, seen, seq) }
}

function messageSince(channel: Channel, chain: LiveChain, seen: number, seq: number): ChainMessage {
  const { topic, metrics, identityVersion, metricsVersion, changed } = channel
  const { head } = chain
  const full = seen < identityVersion
  const legs = chain.legs.filter((row): row is ChainLegRow => row !== null && (full || (changed[row[0]] ?? 0) > seen))
  if (!full) return { topic, seq, full, head, legs, ...(metricsVersion > seen ? { metrics } : {}) }
  return {
    topic,
    seq,
    full,
    head,
    legs,
    metrics,
    expiry: chain.expiry,
    lot_size: chain.lotSize,
    settles_at: chain.settlesAt,
    strikes: [...chain.strikes],
    symbols: [...chain.symbols],
  }
}
