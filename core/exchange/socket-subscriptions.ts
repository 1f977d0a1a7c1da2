import { z } from 'zod'

export type Mode = 'ltp' | 'quote' | 'full'

/** Kite: "up to 3000 instruments on a single WebSocket connection". */
export const MAX_INSTRUMENTS = 3000

const tokens = z.array(z.int().min(1).max(0xffff_ffff))
const request = z.discriminatedUnion('a', [
  z.object({ a: z.literal('subscribe'), v: tokens }),
  z.object({ a: z.literal('unsubscribe'), v: tokens }),
  z.object({ a: z.literal('mode'), v: z.tuple([z.enum(['ltp', 'quote', 'full']), tokens]) }),
])

export interface SubscriptionChange {
  /** Tokens that are new or whose mode is: each gets its last packet at once. */
  readonly changed: readonly number[]
  /** What the client is told, null when all went well. */
  readonly error: string | null
}

export interface Subscriptions {
  readonly modes: ReadonlyMap<number, Mode>
  /** Applies one text message of the client. Never throws. */
  apply(text: string): SubscriptionChange
}

/** What one connection is subscribed to. A new token is in mode "quote"; a mode for a token that is not subscribed is ignored. */
export function createSubscriptions(): Subscriptions {
  const modes = new Map<number, Mode>()

  const subscribe = (wanted: readonly number[]): SubscriptionChange => {
    const fresh = [...new Set(wanted)].filter((token) => !modes.has(token))
    const taken = fresh.slice(0, MAX_INSTRUMENTS - modes.size)
    for (const token of taken) modes.set(token, 'quote')
    const error = taken.length < fresh.length ? `Can't subscribe to more than ${MAX_INSTRUMENTS} instruments` : null
    return { changed: taken, error }
  }
  const setMode = (mode: Mode, wanted: readonly number[]): SubscriptionChange => {
    const changed = [...new Set(wanted)].filter((token) => modes.has(token) && modes.get(token) !== mode)
    for (const token of changed) modes.set(token, mode)
    return { changed, error: null }
  }

  return {
    modes,
    apply(text) {
      const parsed = request.safeParse(parseJson(text))
      if (!parsed.success) return { changed: [], error: 'Invalid request' }
      const { data } = parsed
      if (data.a === 'subscribe') return subscribe(data.v)
      if (data.a === 'mode') return setMode(...data.v)
      for (const token of data.v) modes.delete(token)
      return { changed: [], error: null }
    },
  }
}

/** The value, or undefined when the text is not JSON: the schema refuses that. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
