import { join } from 'node:path'
import { z } from 'zod'
import type { Settings } from '../contract/settings.ts'
import type { Calendar } from '../domain/calendar.ts'
import type { Source } from '../domain/instrument.ts'
import { formatIst } from '../domain/ist.ts'
import { createExchange, type Exchange } from '../exchange/exchange.ts'
import { createSimulatedMarket } from '../exchange/market-simulated.ts'
import { createSimClock } from '../exchange/sim-clock.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import type { Component } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import type { AccessTokens } from '../ports/access-token.ts'
import type { MarketReference } from '../ports/market-reference.ts'
import { simStart } from './sim-start.ts'

const OFFICIAL = { root: 'https://api.kite.trade', ticker: 'wss://ws.kite.trade' } as const
/** How long the start waits for a custom KITE_ROOT to say whether it is a simulated exchange. */
const PROBE_MS = 3_000
/** How often the clock of an exchange in another process is read. */
const CLOCK_POLL_MS = 500

const simClockSchema = z.object({
  simulated: z.literal(true),
  at: z.number(),
  speed: z.number(),
  kind: z.enum(['simulated', 'recorded']),
})
type SimClockReply = z.infer<typeof simClockSchema>

/** Where the market comes from, decided before anything is recorded. */
export interface SourcePlan {
  readonly source: Source
  /** Where its data lies: DATA_DIR for the live market, a folder of its own below it for any other. */
  readonly dataRoot: string
  /** Address of an exchange in another process; null = the one in this process. */
  readonly external: { readonly root: string; readonly ticker: string; readonly clock: SimClockReply | null } | null
}

/** An address of the market with its clock and credentials. */
export interface OpenSource {
  readonly root: string
  readonly ticker: string
  readonly tokens: AccessTokens
  /** Market time, epoch milliseconds. */
  readonly marketNow: () => number
}

/** A simulated exchange says so itself, whatever DATA_SOURCE says: its data is never recorded as live. */
export async function planSource(settings: Settings): Promise<SourcePlan> {
  const { DATA_SOURCE, DATA_DIR, KITE_ROOT } = settings
  if (DATA_SOURCE === 'replay') throw new OpError('not_supported_yet', { what: 'DATA_SOURCE=replay' })
  if (DATA_SOURCE === 'sim' && KITE_ROOT === null)
    return { source: 'sim', dataRoot: join(DATA_DIR, 'sim'), external: null }
  const root = trimmed(KITE_ROOT ?? OFFICIAL.root)
  const ticker = settings.KITE_TICKER_ROOT ?? (KITE_ROOT === null ? OFFICIAL.ticker : root.replace(/^http/, 'ws'))
  const clock = root === OFFICIAL.root ? null : await readSimClock(root)
  // Its market time is not known, and what else answers there is not to be labelled simulated.
  if (clock === null && DATA_SOURCE === 'sim')
    throw new OpError('exchange_not_simulated', { root: new URL(root).origin })
  const source = sourceOf(clock)
  return { source, dataRoot: source === 'kite' ? DATA_DIR : join(DATA_DIR, source), external: { root, ticker, clock } }
}

function sourceOf(clock: SimClockReply | null): Source {
  if (clock === null) return 'kite'
  return clock.kind === 'recorded' ? 'replay' : 'sim'
}

function trimmed(root: string): string {
  return root.replace(/\/+$/, '')
}

/** What a simulated exchange says of its clock; null for anything else that answers, or nothing. */
async function readSimClock(root: string): Promise<SimClockReply | null> {
  try {
    const reply = await fetch(`${root}/sim/clock`, { signal: AbortSignal.timeout(PROBE_MS), redirect: 'error' })
    const parsed = simClockSchema.safeParse(await reply.json())
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

/** A token that Kite refused so often is dead: more attempts look like an attack. */
const MAX_REFUSALS = 3

/** Stops asking with a dead token, and says `auth_expired` by itself until there is another one. */
export function spareDeadTokens(reference: MarketReference, tokens: AccessTokens): MarketReference {
  let refused: string | null = null
  let times = 0
  return {
    ...reference,
    async profile() {
      const token = tokens.current()
      if (token !== null && token === refused && times >= MAX_REFUSALS) throw new OpError('auth_expired')
      try {
        return await reference.profile()
      } catch (fault) {
        if (fault instanceof OpError && fault.code === 'auth_expired') {
          times = token === refused ? times + 1 : 1
          refused = token
        }
        throw fault
      }
    },
  }
}

/**
 * Guards a live record: an address that was silent at the start, or was another's, may turn out to be a simulated
 * exchange. It is asked each time before instruments are read, and nothing is subscribed before they are.
 */
export function refuseSimulated(reference: MarketReference, { source, external }: SourcePlan): MarketReference {
  if (source !== 'kite' || external === null || external.root === OFFICIAL.root) return reference
  const { origin: root } = new URL(external.root)
  return {
    ...reference,
    async profile() {
      if ((await readSimClock(external.root)) !== null) throw new OpError('exchange_simulated', { root })
      return reference.profile()
    },
  }
}

export interface OpenSourceInputs {
  readonly settings: Settings
  readonly plan: SourcePlan
  readonly calendar: Calendar
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
  /** Market time of the last record. */
  readonly lastTs: number | null
  /** The newest access token there is, read anew at each call. */
  readonly accessToken: () => string | null
  /** Starts a part, to be stopped after everything that uses it. */
  readonly begin: (component: Component) => Promise<void>
}

/** Opens the source: starts the exchange in this process, or follows the clock of one elsewhere. */
export async function openSource(inputs: OpenSourceInputs): Promise<OpenSource> {
  const { plan, settings, accessToken } = inputs
  if (plan.external === null) return openSimulated(inputs)
  const { root, ticker, clock } = plan.external
  const tokens = { apiKey: settings.KITE_API_KEY ?? '', current: accessToken }
  if (clock === null) return { root, ticker, tokens, marketNow: Date.now }
  const follower = followSimClock(inputs.clock, root, clock)
  await inputs.begin(follower.component)
  return { root, ticker, tokens, marketNow: follower.now }
}

async function openSimulated(inputs: OpenSourceInputs): Promise<OpenSource> {
  const { settings, calendar, clock, logger, random, lastTs, begin } = inputs
  const { SIM_AT: at, SIM_SEED: seed, SIM_SPEED: speed } = settings
  const startMs = simStart({ calendar, at, lastTs, wallNow: clock.wallNow() })
  if (at !== null && startMs > at) {
    logger.warning(`SIM_AT lies before the end of the record: the simulated market goes on at ${formatIst(startMs)}`)
  }
  const marketClock = createSimClock(clock, { startMs, speed })
  const market = createSimulatedMarket({ calendar }, { seed, startMs })
  const exchange: Exchange = createExchange(
    { clock, logger: logger.child({ service: 'exchange' }), market, marketClock, random },
    { host: '127.0.0.1', port: 0 },
  )
  await begin(exchange)
  return {
    root: exchange.origin,
    ticker: exchange.origin.replace(/^http/, 'ws'),
    tokens: { apiKey: exchange.apiKey, current: () => exchange.accessToken() },
    marketNow: exchange.marketNow,
  }
}

/** Market time of an exchange in another process: what it last said, carried on at its speed. */
function followSimClock(clock: Clock, root: string, first: SimClockReply) {
  let said = first
  let at = clock.monotonicMs()
  let latest = first.at
  const now = () => {
    latest = Math.max(latest, said.at + (clock.monotonicMs() - at) * said.speed)
    return latest
  }
  let cancel: () => void = () => {}
  const read = async () => {
    const reply = await readSimClock(root)
    if (reply === null) return
    said = reply
    at = clock.monotonicMs()
  }
  const component: Component = {
    name: 'exchange-clock',
    async start() {
      cancel = clock.every(CLOCK_POLL_MS, () => void read())
    },
    async stop() {
      cancel()
    },
  }
  return { now, component }
}
