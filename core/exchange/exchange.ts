import { basename } from 'node:path'
import type { Clock } from '../kernel/clock.ts'
import { OpError, toOpError } from '../kernel/errors.ts'
import { type Component, once, type Unsubscribe } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import { createPace, type Pace } from './exchange-pace.ts'
import { createStepper, type Stepper } from './exchange-stepper.ts'
import { type FaultAction, parseFaults } from './faults.ts'
import { createFaultSchedule, type FaultSchedule } from './faults-schedule.ts'
import { createRequestLimits } from './limits.ts'
import { FINISH_PATH } from './login.ts'
import type { Market } from './market.ts'
import { createRestRoutes } from './rest-routes.ts'
import { createExchangeServer } from './server.ts'
import { createSessions, type Sessions } from './session.ts'
import type { SimClock } from './sim-clock.ts'
import { createSocketHub, type SocketCounts, type SocketHub } from './socket-hub.ts'

const STEP_MS = 250

export interface ExchangeOptions {
  readonly host: '127.0.0.1'
  /** 0 takes any free port. */
  readonly port: number
  /** Market time at which it begins, whatever the market clock has come to meanwhile; default: where that stands now. */
  readonly startMs?: number
  /** Where a login ends; default: a page of the exchange itself. */
  readonly redirectUrl?: string
  readonly apiKey?: string
  readonly apiSecret?: string
  /** Script of faults; see `parseFaults`. */
  readonly fault?: string
  /** A recorded market stands still while no client is subscribed. */
  readonly waitForSubscriber?: boolean
  /** Whether WebSocket messages are compressed for clients that offer it. */
  readonly deflate?: boolean
}

export interface ExchangeDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly market: Market
  readonly marketClock: SimClock
  /** Uniform in [0, 1): the source of tokens. */
  readonly random: () => number
}

export interface Exchange extends Component {
  /** Valid once started. */
  readonly port: number
  /** `http://127.0.0.1:<port>`; the WebSocket is at `ws://127.0.0.1:<port>/`. */
  readonly origin: string
  readonly apiKey: string
  /** The access token of the living session, or of a new one: for a client in the same process. */
  accessToken(): string
  /** Market time now, epoch milliseconds: the market clock less the time for which a recorded market stood still. */
  marketNow(): number
  counts(): SocketCounts
}

/**
 * The simulated exchange: Kite Connect v3 over loopback. Throws `usage` for a wrong fault script or
 * redirect URL; `start` throws `port_taken`.
 */
export function createExchange(deps: ExchangeDeps, options: ExchangeOptions): Exchange {
  const { clock, logger, market, marketClock } = deps
  const faults = parseFaults(options.fault ?? '')
  const apiKey = options.apiKey ?? 'sim_key'
  const redirectUrl = parseRedirect(options.redirectUrl)
  const sessions = createSessions(deps, { apiKey, apiSecret: options.apiSecret ?? 'sim_secret' })
  const hub = createSocketHub(deps)
  const pace = createPace(marketClock, options.startMs ?? marketClock.now())
  let schedule: FaultSchedule | null = null
  let stepper: Stepper | null = null
  let cancelTimer: Unsubscribe = () => {}
  let port = 0
  const origin = () => `http://${options.host}:${port}`

  const routes = createRestRoutes({
    market,
    sessions,
    limits: createRequestLimits(clock),
    redirectUrl: () => redirectUrl ?? `${origin()}${FINISH_PATH}`,
    clockBody: () => clockBody(deps, pace),
    countsBody: hub.counts,
  })
  const server = createExchangeServer({
    logger,
    routes,
    sessions,
    hub,
    httpFault: () => schedule?.http(clock.monotonicMs()) ?? null,
    upgradeFault: () => schedule?.upgrade(clock.monotonicMs())?.status ?? null,
    deflate: options.deflate ?? false,
  })

  const tick = () => {
    for (const action of schedule?.due(pace.now(), clock.monotonicMs()) ?? []) {
      logger.info('the simulated exchange plays a fault', { fault: action.kind })
      play(action, hub, sessions)
    }
    stepper?.step()
    hub.beat()
  }
  const onFault = (fault: unknown) =>
    logger.error('the simulated market cannot go on', { error: toOpError(fault).message })

  return {
    name: 'exchange',
    get port() {
      return port
    },
    get origin() {
      return origin()
    },
    apiKey,
    accessToken: sessions.accessToken,
    marketNow: pace.now,
    counts: hub.counts,
    async start() {
      stepper = createStepper(
        { clock, market, pace, hub, onFault },
        { waitForSubscriber: options.waitForSubscriber ?? false },
      )
      schedule = createFaultSchedule(faults, { marketMs: pace.now(), monotonicMs: clock.monotonicMs() })
      port = await server.listen(options.host, options.port)
      cancelTimer = clock.every(STEP_MS, tick)
      tick()
      logger.info('the simulated exchange listens', { address: origin() })
    },
    stop: once(async () => {
      cancelTimer()
      await stepper?.stop()
      await server.close()
    }),
  }
}

/** Faults that strike the sockets; those of REST and of the handshake are asked for at each request. */
function play(action: FaultAction, hub: SocketHub, sessions: Sessions): void {
  if (action.kind === 'mute') hub.faults.mute(action.forMs)
  if (action.kind === 'quiet') hub.faults.quieten(action.forMs)
  if (action.kind === 'half_open') hub.halfOpen(action.forMs)
  if (action.kind === 'corrupt_frame') hub.faults.corrupt(action.frames)
  if (action.kind === 'token_expire') sessions.expire()
  if (action.kind === 'disconnect' || action.kind === 'token_expire') hub.disconnect()
}

/** `/sim/clock`: the market's time, how fast it runs (0 while it is held), and what kind of market it is. */
function clockBody({ market, marketClock }: ExchangeDeps, pace: Pace) {
  const { label } = market
  const kind =
    label.kind === 'simulated'
      ? { kind: label.kind, seed: label.seed, file: null }
      : { kind: label.kind, seed: null, file: basename(label.file) }
  return { simulated: true, at: pace.now(), speed: pace.held() ? 0 : marketClock.speed, ...kind }
}

function parseRedirect(url: string | undefined): string | null {
  if (url === undefined) return null
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw new OpError('usage', { reason: `--redirect-url ${url} is not a http or https address` })
  return url
}
