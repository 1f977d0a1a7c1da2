import { type Clock, sleep } from '../kernel/clock.ts'
import { OpError, toOpError } from '../kernel/errors.ts'
import { type Component, type ComponentStatus, once } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import { backoffMs, retry } from '../kernel/retry.ts'
import type { Journal, JournalRecord, Position } from '../ports/journal.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { Projection } from '../ports/projection.ts'

/** How long a stopping relay lets consumers take what is already durable. */
const DRAIN_MS = 2_000
/** Positions are made safe, and lag is measured, this often. */
const HOUSEKEEPING_MS = 1_000
const RETRY = { firstMs: 100, maxMs: 5_000 }

export interface RelayDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly journal: Journal
  readonly metrics: Metrics
  readonly random: () => number
}

export interface Relay extends Component {
  /** Durable batches that a consumer has not taken yet, by consumer. */
  pending(): Readonly<Record<string, number>>
  status(consumer: string): ComponentStatus
}

interface Consumer {
  readonly projection: Projection
  /** The last record it was given and accepted; its own position follows when the data is safe. */
  taken: Position | null
  status: ComponentStatus
  loop: Promise<void>
}

/**
 * Carries every durable record to every consumer, in order, from the consumer's own position on. Consumers do not
 * wait for each other; one that fails is tried again with the same records until it takes them.
 */
export function createRelay(deps: RelayDeps, projections: readonly Projection[]): Relay {
  const { clock } = deps
  const stopping = new AbortController()
  const consumers = projections.map((projection) => idleConsumer(projection, clock))
  let cancelHousekeeping: (() => void) | null = null
  return {
    name: 'relay',
    async start() {
      for (const consumer of consumers) {
        consumer.taken = consumer.projection.position()
        setStatus(consumer, clock, 'running', null)
        consumer.loop = follow(deps, consumer, stopping.signal)
      }
      cancelHousekeeping = clock.every(HOUSEKEEPING_MS, () => measure(deps, consumers))
    },
    stop: once(async () => {
      cancelHousekeeping?.()
      const committed = await drain(deps, consumers)
      stopping.abort()
      await Promise.all(consumers.map((consumer) => consumer.loop))
      const flushed = await Promise.all(consumers.map(({ projection }) => outcomeOf(projection.flush())))
      for (const consumer of consumers) setStatus(consumer, clock, 'stopped', null)
      const faults = [committed, ...flushed].flatMap((outcome) => (outcome === null ? [] : [outcome.fault]))
      if (faults.length > 0)
        throw new OpError('stop_incomplete', { count: faults.length }, { cause: new AggregateError(faults) })
    }),
    pending: () => lag(deps.journal.durable(), consumers),
    status: (name) =>
      consumers.find((consumer) => consumer.projection.name === name)?.status ?? statusOf(clock, 'idle', null),
  }
}

/**
 * Waits at most `DRAIN_MS` until the last batches are durable and every consumer that still follows has taken them;
 * where the disk refuses, until they have what is durable. Returns what the disk said, null when all is well.
 */
async function drain({ clock, journal }: RelayDeps, consumers: readonly Consumer[]): Promise<Outcome> {
  const end = clock.monotonicMs() + DRAIN_MS
  const following = consumers.filter(({ status }) => status.state !== 'failed')
  let commit: { readonly outcome: Outcome } | null = null
  const committing = outcomeOf(journal.flush()).then((outcome) => {
    commit = { outcome }
    return outcome
  })
  const done = () => commit !== null && following.every(({ taken }) => samePlace(journal.durable(), taken))
  while (!done() && clock.monotonicMs() < end) await sleep(clock, 10)
  return commit === null ? null : committing
}

function samePlace(a: Position | null, b: Position | null): boolean {
  if (a === null || b === null) return a === b
  return a.epoch === b.epoch && a.seq === b.seq && a.crc === b.crc
}

/** null when the work succeeds. */
type Outcome = { readonly fault: unknown } | null

async function outcomeOf(work: Promise<void>): Promise<Outcome> {
  try {
    await work
    return null
  } catch (fault) {
    return { fault }
  }
}

function idleConsumer(projection: Projection, clock: Clock): Consumer {
  return { projection, taken: null, status: statusOf(clock, 'idle', null), loop: Promise.resolve() }
}

/** Follows the journal until the signal aborts; a read that fails is begun again behind what was taken. */
async function follow(deps: RelayDeps, consumer: Consumer, signal: AbortSignal): Promise<void> {
  const { clock, random } = deps
  for (let failures = 0; !signal.aborted; ) {
    try {
      for await (const records of deps.journal.read(consumer.taken, signal)) {
        await give(deps, consumer, records, signal)
        failures = 0
      }
      return
    } catch (fault) {
      if (signal.aborted || isFinal(deps, consumer, fault)) return
      failures += 1
      await sleep(clock, backoffMs(failures, { ...RETRY, random }), signal).catch((aborted: unknown) => {
        if (!signal.aborted) throw aborted
      })
    }
  }
}

/** Says once that the journal could not be read. Only a position that is not in the record cannot heal by itself. */
function isFinal({ clock, logger }: RelayDeps, consumer: Consumer, fault: unknown): boolean {
  const { message, hint, code } = toOpError(fault)
  const { name } = consumer.projection
  if (code === 'journal_corrupt') {
    setStatus(consumer, clock, 'failed', `${message}. ${hint}`)
    logger.error(`${name} stopped following the journal: ${message}`, { code })
    return true
  }
  if (consumer.status.state === 'running') {
    logger.error(`${name} could not read the journal, trying again: ${message}`, { code })
    setStatus(consumer, clock, 'degraded', message)
  }
  return false
}

/** Gives records until they are taken; says so once when they are not. */
async function give(deps: RelayDeps, consumer: Consumer, records: readonly JournalRecord[], signal: AbortSignal) {
  const { clock, logger, random } = deps
  const apply = async () => {
    try {
      await consumer.projection.apply(records)
    } catch (fault) {
      if (consumer.status.state === 'running') {
        const { message, code } = toOpError(fault)
        logger.error(`${consumer.projection.name} could not take records, trying again: ${message}`, { code })
        setStatus(consumer, clock, 'degraded', message)
      }
      throw fault
    }
  }
  const options = { ...RETRY, retries: Number.POSITIVE_INFINITY, random, retryable: () => true }
  await retry(clock, options, apply, signal)
  consumer.taken = records.at(-1)?.position ?? consumer.taken
  heal(deps, consumer)
}

function heal({ clock, logger }: RelayDeps, consumer: Consumer): void {
  if (consumer.status.state !== 'degraded') return
  logger.info(`${consumer.projection.name} takes records again`)
  setStatus(consumer, clock, 'running', null)
}

function measure(deps: RelayDeps, consumers: readonly Consumer[]): void {
  const durable = deps.journal.durable()
  if (durable !== null) deps.metrics.set('op_durable_seq', {}, durable.seq)
  // One that has everything is well, though no record comes to show it.
  for (const consumer of consumers) if (samePlace(durable, consumer.taken)) heal(deps, consumer)
  for (const [consumer, count] of Object.entries(lag(durable, consumers))) {
    deps.metrics.set('op_batches_pending', { consumer }, count)
  }
}

function lag(durable: Position | null, consumers: readonly Consumer[]): Record<string, number> {
  return Object.fromEntries(consumers.map(({ projection, taken }) => [projection.name, behind(durable, taken)]))
}

/** Batches between two positions; within an older epoch it is not known how many, so at least one. */
function behind(durable: Position | null, taken: Position | null): number {
  if (durable === null) return 0
  return taken?.epoch === durable.epoch ? durable.seq - taken.seq : Math.max(1, durable.seq)
}

function statusOf(clock: Clock, state: ComponentStatus['state'], detail: string | null): ComponentStatus {
  return { state, since: clock.wallNow(), issue: null, detail }
}

function setStatus(consumer: Consumer, clock: Clock, state: ComponentStatus['state'], detail: string | null): void {
  const well = state === 'running' || state === 'stopped'
  const issue = well ? null : `${consumer.projection.name}_behind`
  consumer.status = { ...statusOf(clock, state, detail), issue }
}
