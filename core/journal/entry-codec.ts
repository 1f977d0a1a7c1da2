import { z } from 'zod'
import { INDEX_NAMES } from '../domain/index-catalog.ts'
import { BUCKETS, SOURCES } from '../domain/instrument.ts'
import { GAP_CAUSES, type JournalEntry, type LegRow, SESSION_EVENTS } from '../domain/journal-entry.ts'

const frame = z.string().transform((text): Uint8Array => {
  const bytes = Buffer.from(text, 'base64')
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
})
const ts = z.number()
const source = z.enum(SOURCES)
const index = z.enum(INDEX_NAMES)

/** Rows are many and stand under the line's checksum: their length is checked, not each of their values. */
const legRow = z.custom<LegRow>((row) => Array.isArray(row) && row.length >= 13)

const value = z.number().nullable()
const scopeMetrics = z.tuple([value, value, value, value, value, value, value, value, value, value])

const entrySchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('batch'),
    ts,
    trace: z.string(),
    source,
    index,
    bucket: z.enum(BUCKETS),
    expiry: z.string(),
    spot: z.number().nullable(),
    spotFrozen: z.boolean(),
    forward: z.number().nullable(),
    forwardMethod: z.enum(['parity', 'future', 'spot_carry']).nullable(),
    frame,
    rows: z.array(legRow),
  }),
  z.object({
    kind: z.literal('underlyings'),
    ts,
    source,
    frame,
    rows: z.array(z.tuple([z.string(), index.nullable(), z.number()])),
  }),
  z.object({
    kind: z.literal('gap'),
    ts,
    from: z.number(),
    to: z.number(),
    cause: z.enum(GAP_CAUSES),
    index: index.nullable(),
    dropped: z.number().nullable(),
  }),
  z.object({
    kind: z.literal('session'),
    ts,
    source,
    event: z.enum(SESSION_EVENTS),
    detail: z.string(),
  }),
  z.object({
    kind: z.literal('reference'),
    ts,
    date: z.string(),
    exchange: z.string(),
    sha256: z.string(),
    rows: z.number(),
  }),
  z.object({ kind: z.literal('settings'), ts, changed: z.record(z.string(), z.string()) }),
  z.object({
    kind: z.literal('analytics'),
    ts: z.int(),
    trace: z.string(),
    source,
    index,
    buckets: z.array(z.enum(BUCKETS)).min(1),
    expiry: z.iso.date(),
    everyMs: z.int().positive(),
    underlying: z.tuple([value, value, value, value]),
    window: scopeMetrics,
    full: scopeMetrics,
    smile: z
      .array(z.tuple([z.number(), z.number()]))
      .nullable()
      .default(null),
  }),
])

const timed = z.object({ ts: z.number() })

/** The JSON of an entry; frames become base64. */
export function encodeEntry(entry: JournalEntry): string {
  if (!('frame' in entry)) return JSON.stringify(entry)
  const { buffer, byteOffset, byteLength } = entry.frame
  return JSON.stringify({ ...entry, frame: Buffer.from(buffer, byteOffset, byteLength).toString('base64') })
}

/** Null for what this version does not know: a newer version's journal stays readable. */
export function decodeEntry(body: Uint8Array): JournalEntry | null {
  const parsed = entrySchema.safeParse(parseJson(body))
  return parsed.success ? parsed.data : null
}

/** Market time of an entry of any kind, null when there is none. */
export function entryTs(body: Uint8Array): number | null {
  const parsed = timed.safeParse(parseJson(body))
  return parsed.success ? parsed.data.ts : null
}

/** Undefined for what is not JSON. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString())
  } catch {
    return undefined
  }
}
