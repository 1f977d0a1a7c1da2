import type { Leg } from '../core/domain/leg.ts'

const BUFFER_BYTES = 64 * 1024

/** Encodes all legs, line behind line, into a buffer that begins anew when it is full; returns how many there were. */
export function encodeAll(legs: readonly Leg[], encode: (leg: Leg) => Uint8Array): number {
  const buffer = new Uint8Array(BUFFER_BYTES)
  let at = 0
  for (const leg of legs) {
    const line = encode(leg)
    if (at + line.length > buffer.length) at = 0
    buffer.set(line, at)
    at += line.length
  }
  return legs.length
}

/** The same with text, which becomes bytes when a buffer is full. */
export function bufferText(legs: readonly Leg[], lineOf: (leg: Leg) => string): number {
  let text = ''
  for (const leg of legs) {
    text += lineOf(leg)
    if (text.length < BUFFER_BYTES) continue
    Buffer.from(text)
    text = ''
  }
  Buffer.from(text)
  return legs.length
}
