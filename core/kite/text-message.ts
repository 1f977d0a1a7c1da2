import { z } from 'zod'

const textMessage = z.object({ type: z.string(), data: z.unknown() })

/** A text message of Kite's ticker: an error to report, something that is not for a monitor, or nonsense. */
export type TextMessage = { readonly kind: 'error'; readonly message: string } | { readonly kind: 'ignored' | 'broken' }

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Told apart by the schema: the caller counts what is not a message.
    return undefined
  }
}

/** Reads `{"type":"error"|"order"|"message",…}`; orders and broadcasts are of no interest to a monitor. */
export function parseTextMessage(text: string): TextMessage {
  const message = textMessage.safeParse(parseJson(text))
  if (!message.success) return { kind: 'broken' }
  if (message.data.type !== 'error') return { kind: 'ignored' }
  const { data } = message.data
  return { kind: 'error', message: (typeof data === 'string' ? data : (JSON.stringify(data) ?? '')).slice(0, 300) }
}

/** Messages to the server that subscribe tokens in full mode: `subscribe` alone would leave them in quote mode, without open interest. */
export function subscribeMessages(tokens: readonly number[], chunk: number): string[] {
  return chunks(tokens, chunk).flatMap((v) => [
    JSON.stringify({ a: 'subscribe', v }),
    JSON.stringify({ a: 'mode', v: ['full', v] }),
  ])
}

export function unsubscribeMessages(tokens: readonly number[], chunk: number): string[] {
  return chunks(tokens, chunk).map((v) => JSON.stringify({ a: 'unsubscribe', v }))
}

function chunks(tokens: readonly number[], size: number): number[][] {
  const parts: number[][] = []
  for (let at = 0; at < tokens.length; at += size) parts.push(tokens.slice(at, at + size))
  return parts
}
