import type { Alert, AlertChannel } from '../contract/alerts.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError, toOpError } from '../kernel/errors.ts'
import { once } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import { retry } from '../kernel/retry.ts'
import type { AlertSender } from '../ports/alert-sender.ts'
import type { Metrics } from '../ports/metrics.ts'

/** Alerts that may wait for one slow server. */
const MOST_WAITING = 50
const RETRY = { retries: 3, firstMs: 2_000, maxMs: 20_000 }

export type Delivery = Alert['deliveries'][number]

export interface OutboxDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly random: () => number
  readonly senders: readonly AlertSender[]
  /** Called once for each alert and channel, when it is settled. */
  readonly onDelivery: (alert: Alert, delivery: Delivery) => void
}

/** Delivers alerts, each channel for itself and in order, without ever keeping the caller waiting. */
export interface Outbox {
  take(alert: Alert): void
  /** What waits is given up, and said to be. */
  stop(): Promise<void>
}

interface Lane {
  readonly sender: AlertSender
  readonly waiting: Alert[]
  work: Promise<void> | null
}

export function createOutbox(deps: OutboxDeps): Outbox {
  const stopping = new AbortController()
  const lanes = new Map<AlertChannel, Lane>(
    deps.senders.map((sender) => [sender.channel, { sender, waiting: [], work: null }]),
  )
  return {
    take(alert) {
      for (const channel of alert.channels) {
        const lane = lanes.get(channel)
        if (lane !== undefined) enqueue(deps, lane, alert, stopping.signal)
      }
    },
    stop: once(async () => {
      stopping.abort(new OpError('alert_undelivered', { channel: 'waiting', reason: STOPPED }))
      await Promise.all([...lanes.values()].map(({ work }) => work))
      for (const { sender } of lanes.values()) sender.close()
    }),
  }
}

const STOPPED = 'OP Trading was stopped before it was delivered'

function enqueue(deps: OutboxDeps, lane: Lane, alert: Alert, signal: AbortSignal): void {
  const { sender, waiting } = lane
  const hopeless = sender.unusable ?? (signal.aborted ? STOPPED : null)
  if (hopeless !== null) {
    settle(deps, sender, alert, hopeless)
    return
  }
  waiting.push(alert)
  if (waiting.length > MOST_WAITING) {
    const oldest = waiting.shift()
    if (oldest !== undefined) settle(deps, sender, oldest, `more than ${MOST_WAITING} newer alerts wait for the server`)
  }
  lane.work ??= work(deps, lane, signal)
}

/** Everything that waits, one after the other; it never rejects. */
async function work(deps: OutboxDeps, lane: Lane, signal: AbortSignal): Promise<void> {
  for (let alert = lane.waiting.shift(); alert !== undefined; alert = lane.waiting.shift()) {
    settle(deps, lane.sender, alert, await attempt(deps, lane.sender, alert, signal))
  }
  lane.work = null
}

/** Why the alert could not be delivered; null when it was. */
async function attempt(
  { clock, random, logger }: OutboxDeps,
  sender: AlertSender,
  alert: Alert,
  signal: AbortSignal,
): Promise<string | null> {
  const retryable = (fault: unknown) => !signal.aborted && fault instanceof OpError && fault.spec.retryable
  const send = async () => {
    signal.throwIfAborted()
    await sender.send(alert, signal)
  }
  try {
    await retry(clock, { ...RETRY, random, retryable }, send, signal)
    return null
  } catch (fault) {
    if (signal.aborted) return STOPPED
    const { code, message, hint } = toOpError(fault)
    logger.warning(message, { code, hint })
    return message
  }
}

function settle({ metrics, onDelivery }: OutboxDeps, { channel }: AlertSender, alert: Alert, detail: string | null) {
  const state = detail === null ? 'sent' : 'failed'
  metrics.increment('op_alert_deliveries_total', { channel, state })
  onDelivery(alert, { channel, state, detail })
}
