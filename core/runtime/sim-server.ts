import { calendarFor } from '../config/load.ts'
import { createExchange } from '../exchange/exchange.ts'
import type { Market } from '../exchange/market.ts'
import { createSimulatedMarket } from '../exchange/market-simulated.ts'
import { createRecordedMarket } from '../exchange/recorded-market.ts'
import { createSimClock } from '../exchange/sim-clock.ts'
import type { Logger } from '../kernel/logger.ts'
import { createSystemClock } from '../platform/system-clock.ts'
import { simStart } from './sim-start.ts'

export interface SimServerOptions {
  readonly port: number
  readonly seed: number
  readonly speed: number
  /** Market instant at which it begins, epoch milliseconds; null = 10:00 IST of the current or next trading day. */
  readonly at: number | null
  readonly fault: string | null
  readonly recorded: string | null
  readonly redirectUrl: string | null
  readonly apiKey: string
  readonly apiSecret: string
  /** Where a calendar of the user's own may lie. */
  readonly dataDir: string
}

export interface SimServer {
  readonly origin: string
  readonly loginUrl: string
  /** What a shell sets to point this product at the exchange, with a session that is already logged in. */
  readonly environment: string
  stop(): Promise<void>
}

/** The exchange as a program of its own. */
export async function serveExchange(options: SimServerOptions, logger: Logger): Promise<SimServer> {
  const calendar = calendarFor(options.dataDir)
  const clock = createSystemClock()
  const recorded = options.recorded === null ? null : await createRecordedMarket({ csvPath: options.recorded })
  if (recorded !== null && recorded.leftOut.rows > 0) {
    logger.warning('recorded rows without a token are not played', { ...recorded.leftOut })
  }
  const begins = recorded?.firstInstant ?? simStart({ calendar, at: null, lastTs: null, wallNow: clock.wallNow() })
  const startMs = options.at ?? begins
  const market: Market = recorded ?? createSimulatedMarket({ calendar }, { seed: options.seed, startMs })
  const marketClock = createSimClock(clock, { startMs, speed: options.speed })
  const exchange = createExchange(
    { clock, logger, market, marketClock, random: Math.random },
    {
      host: '127.0.0.1',
      port: options.port,
      startMs,
      apiKey: options.apiKey,
      apiSecret: options.apiSecret,
      waitForSubscriber: recorded !== null,
      ...(options.fault === null ? {} : { fault: options.fault }),
      ...(options.redirectUrl === null ? {} : { redirectUrl: options.redirectUrl }),
    },
  )
  await exchange.start()
  return {
    origin: exchange.origin,
    environment: `KITE_ROOT=${exchange.origin} KITE_API_KEY=${options.apiKey} KITE_ACCESS_TOKEN=${exchange.accessToken()}`,
    loginUrl: `${exchange.origin}/connect/login?v=3&api_key=${encodeURIComponent(options.apiKey)}`,
    stop: () => exchange.stop(),
  }
}
