import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Exchange } from '../domain/index-catalog.ts'
import type { Clock } from '../kernel/clock.ts'
import { OpError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'
import type { AccessTokens } from '../ports/access-token.ts'
import type { InstrumentsDump, LastPrice, MarketReference } from '../ports/market-reference.ts'
import { parseInstruments } from './instruments-csv.ts'
import { createKiteClient, type KiteClient } from './kite-client.ts'
import type { RateLimiter } from './rate-limiter.ts'

export interface KiteReferenceDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly tokens: AccessTokens
  /** One for the whole process. */
  readonly limiter: RateLimiter
  /** Told of every dump that makes sense, as it came. */
  readonly onDump?: (dump: InstrumentsDump & { readonly body: string }) => void
}

export interface KiteReferenceOptions {
  /** `https://api.kite.trade`, or the address of a simulated exchange. */
  readonly root: string
  readonly timeoutMs?: number
  readonly dumpTimeoutMs?: number
}

const TIMEOUT_MS = 7_000
const DUMP_TIMEOUT_MS = 60_000
/** Source: kite.trade/docs/connect/v3/market-quotes. */
const MAX_KEYS = 1_000

const profile = z.object({ user_id: z.string().min(1), user_name: z.string() })
const replies = z.record(z.string(), z.unknown())
const lastPrice = z.object({
  instrument_token: z.number().int().positive().max(0xffff_ffff),
  // What has never traded has the price 0: it has none.
  last_price: z.number().positive(),
})

function unexpected(what: string): OpError {
  return new OpError('kite_data', { what, reason: 'the answer has another shape than documented' })
}

async function readInstruments(
  client: KiteClient,
  { logger, onDump }: KiteReferenceDeps,
  exchange: Exchange,
): Promise<InstrumentsDump> {
  const body = await client.instruments(exchange)
  const parsed = await parseInstruments(body, exchange)
  if (parsed === null) throw unexpected(`the instruments of ${exchange}`)
  const { instruments, skipped } = parsed
  if (skipped > 0) logger.warning('rows of the instruments dump make no sense', { exchange, rows: skipped })
  if (instruments.length === 0) throw new OpError('instruments_empty', { exchange })
  const dump = { exchange, instruments, sha256: createHash('sha256').update(body).digest('hex') }
  onDump?.({ ...dump, body })
  return dump
}

async function readLastPrices(client: KiteClient, keys: readonly string[], into: Map<string, LastPrice>) {
  const reply = replies.safeParse(await client.lastPrices(keys))
  if (!reply.success) throw unexpected('last prices')
  for (const [key, value] of Object.entries(reply.data)) {
    const price = lastPrice.safeParse(value)
    if (price.success) into.set(key, { token: price.data.instrument_token, lastPrice: price.data.last_price })
  }
}

/**
 * Kite's REST answers through the official package: see the port for the promises. Keys of `lastPrices` that Kite does
 * not know, or has no price for, are absent.
 */
export function createKiteReference(deps: KiteReferenceDeps, options: KiteReferenceOptions): MarketReference {
  const client = createKiteClient(deps, {
    root: options.root.replace(/\/+$/, ''),
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    dumpTimeoutMs: options.dumpTimeoutMs ?? DUMP_TIMEOUT_MS,
  })
  return {
    async profile() {
      const user = profile.safeParse(await client.profile())
      if (!user.success) throw unexpected("the user's profile")
      return { userId: user.data.user_id, userName: user.data.user_name }
    },
    instruments: (exchange) => readInstruments(client, deps, exchange),
    async lastPrices(keys) {
      const prices = new Map<string, LastPrice>()
      for (let at = 0; at < keys.length; at += MAX_KEYS) {
        await readLastPrices(client, keys.slice(at, at + MAX_KEYS), prices)
      }
      return prices
    },
  }
}
