import type { Notice } from '../../core/contract/desktop.ts'
import { OpError, toOpError } from '../../core/kernel/errors.ts'
import type { Logger } from '../../core/kernel/logger.ts'
import type { Monitor } from '../../core/runtime/monitor-shape.ts'

/** The monitor behind the window: starts it, says why it does not run, and stops it once. */
export interface MonitorHost {
  /** Resolves when it runs; rejects with why it does not. */
  monitor(): Promise<Monitor>
  /** null while none runs. */
  running(): Monitor | null
  /** What the window says in place of the page; null while the page has a monitor or can expect one. */
  notice(): Notice | null
  /** Starts it unless it runs or is starting. Never rejects. */
  start(): Promise<void>
  /** Resolves with the exit status: 0 when everything received is recorded. */
  stop(): Promise<0 | 1>
}

export interface HostDeps {
  readonly begin: (onStop: (part: string) => void) => Promise<Monitor>
  readonly logger: () => Logger
  /** Told of every notice, and with null that there is none any more. */
  readonly onNotice: (notice: Notice | null) => void
  readonly onRunning: () => void
}

export function createMonitorHost({ begin, logger, onNotice, onRunning }: HostDeps): MonitorHost {
  let starting: Promise<Monitor> | null = null
  let monitor: Monitor | null = null
  let notice: Notice | null = null
  let stopping: Promise<0 | 1> | null = null
  const say = (next: Notice | null) => {
    notice = next
    onNotice(next)
  }
  const onStop = (part: string) => {
    const doing = FINISHING[part]
    if (doing !== undefined && stopping !== null)
      say({ kind: 'stopping', sentence: `Finishing: ${doing}.`, hint: null })
  }
  return {
    monitor: () => starting ?? Promise.reject(new OpError('not_running', { path: '' })),
    running: () => monitor,
    notice: () => notice,
    async start() {
      if (stopping !== null || monitor !== null || (starting !== null && notice?.kind !== 'failed')) return
      const isAgain = notice !== null
      starting = begin(onStop)
      if (isAgain) say({ kind: 'starting', sentence: 'Starting …', hint: null })
      try {
        monitor = await starting
        if (isAgain && stopping === null) say(null)
        onRunning()
      } catch (thrown) {
        const { code, message, hint } = toOpError(thrown)
        logger().critical(`the monitor cannot start: ${message}`, { code })
        say({ kind: 'failed', sentence: message, hint })
      }
    },
    stop() {
      stopping ??= stop()
      return stopping
    },
  }

  async function stop(): Promise<0 | 1> {
    const toStop = await (starting ?? Promise.resolve(null)).catch(() => null)
    if (toStop === null) return 0
    say({ kind: 'stopping', sentence: 'Finishing: recording what was received.', hint: null })
    logger().info('stopping: what was received is being recorded')
    try {
      await toStop.stop()
      monitor = null
      logger().info('stopped; everything received is recorded')
      return 0
    } catch (thrown) {
      const { code, message } = toOpError(thrown)
      logger().critical(message, { code, error: thrown })
      return 1
    }
  }
}

/** What the longer steps of stopping do, by the names of the parts. */
const FINISHING: Readonly<Record<string, string>> = {
  market: 'closing the connections to the exchange',
  relay: 'handing on what is recorded',
  store: 'writing the day store',
  csv: 'writing CSV files',
  jsonl: 'writing JSONL files',
  journal: 'sealing the record',
}
