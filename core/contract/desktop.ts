import { z } from 'zod'
import { OpError } from '../kernel/errors.ts'
import { topicSchema } from './api-schema.ts'
import { jobSchema } from './legs.ts'

/**
 * What the desktop window can ask beyond `MONITOR_CALLS`, and what main tells it. The page gets all of it by the bridge
 * that the preload script makes (desktop-bridge.ts).
 */

const nothing = z.object({})

/** Pages that main may bring to the front. */
const shownViewSchema = z.enum(['chain', 'alerts', 'health', 'settings'])
export type ShownView = z.infer<typeof shownViewSchema>

/** What takes the page's place while there is no running monitor behind it. */
export const noticeSchema = z.object({
  kind: z.enum(['starting', 'failed', 'stopping']),
  sentence: z.string(),
  /** What the user can do; null when nothing. */
  hint: z.string().nullable(),
})
export type Notice = z.infer<typeof noticeSchema>

const autostartSchema = z.object({
  state: z.enum(['on', 'off', 'unavailable']),
  /** Why it is unavailable; null otherwise. */
  detail: z.string().nullable(),
})
export type Autostart = z.infer<typeof autostartSchema>

const encryptionSchema = z.object({
  state: z.enum(['ready', 'not_set_up', 'unrecoverable', 'locked']),
  /** Where the key is, or why there is none at hand. */
  sentence: z.string(),
  /** To be kept elsewhere too. */
  recovery_file: z.string(),
})
export type EncryptionFacts = z.infer<typeof encryptionSchema>

const factsSchema = z.object({
  version: z.string(),
  /** Whether this is an installed application; false in a checkout. */
  installed: z.boolean(),
  platform: z.string(),
  data_dir: z.string(),
  /** Of the API for other programs; null before the monitor runs. */
  address: z.string().nullable(),
  /** `weak` and `unavailable`: secrets are kept in settings.json (mode 600) instead. */
  secrets: z.enum(['available', 'weak', 'unavailable']),
  /** Whether closing the window leaves an icon in the status area; otherwise it is minimised. */
  tray: z.boolean(),
  /** Times that the page had to be loaded again in this run. */
  page_reloads: z.number().int(),
})

const call = <Input extends z.ZodObject, Result extends z.ZodType>(input: Input, result: Result) => ({ input, result })

export const DESKTOP_CALLS = {
  facts: call(nothing, factsSchema),
  openDataFolder: call(nothing, nothing),
  /** null = the user has chosen none. */
  chooseFolder: call(
    z.object({ title: z.string().max(120), from: z.string().max(4096).nullable().default(null) }),
    z.object({ path: z.string().nullable() }),
  ),
  chooseFile: call(
    z.object({
      title: z.string().max(120),
      /** Endings without the dot. */
      extensions: z.array(z.string().regex(/^\w{1,10}$/)).max(10),
    }),
    z.object({ path: z.string().nullable() }),
  ),
  /** Asks where to, and writes the file of an export that waits; null = the user wants none, and it is cancelled. */
  saveExport: call(z.object({ id: z.string() }), z.object({ job: jobSchema.nullable() })),
  autostart: call(nothing, autostartSchema),
  setAutostart: call(z.object({ enabled: z.boolean() }), autostartSchema),
  encryption: call(nothing, encryptionSchema),
  /** Makes the key and turns encryption on; where the key is lost, brings it back. */
  giveRecoveryPassphrase: call(z.object({ passphrase: z.string().max(1024) }), encryptionSchema),
  /** Stops cleanly and starts anew, for settings that wait for the next start. */
  relaunch: call(nothing, nothing),
  /** `detail`: why none can be shown. */
  testNotification: call(nothing, z.object({ shown: z.boolean(), detail: z.string().nullable() })),
  /** The page that a notification asked for while no page listened; null = none. Asked once. */
  wantedView: call(nothing, z.object({ view: shownViewSchema.nullable() })),
  notice: call(nothing, z.object({ notice: noticeSchema.nullable() })),
  /** Tries once more to start the monitor that could not start. */
  retry: call(nothing, nothing),
} as const

export type DesktopCallName = keyof typeof DESKTOP_CALLS
export type DesktopInput<Name extends DesktopCallName> = z.infer<(typeof DESKTOP_CALLS)[Name]['input']>
export type DesktopRequest<Name extends DesktopCallName> = z.input<(typeof DESKTOP_CALLS)[Name]['input']>
export type DesktopResult<Name extends DesktopCallName> = z.infer<(typeof DESKTOP_CALLS)[Name]['result']>

function isDesktopCallName(text: string): text is DesktopCallName {
  return Object.hasOwn(DESKTOP_CALLS, text)
}

export const DESKTOP_CALL_NAMES: readonly DesktopCallName[] = Object.keys(DESKTOP_CALLS).filter(isDesktopCallName)

/** Throws OpError `request_invalid`. */
export function readDesktopInput<Name extends DesktopCallName>(name: Name, value: unknown): DesktopInput<Name> {
  const calls: { readonly [N in DesktopCallName]: { readonly input: z.ZodType<DesktopInput<N>> } } = DESKTOP_CALLS
  const read = calls[name].input.safeParse(value)
  if (read.success) return read.data
  throw new OpError('request_invalid', { reason: `${name}: ${z.prettifyError(read.error)}` }, { cause: read.error })
}

/** Throws ZodError. */
export function readDesktopResult<Name extends DesktopCallName>(name: Name, value: unknown): DesktopResult<Name> {
  const calls: { readonly [N in DesktopCallName]: { readonly result: z.ZodType<DesktopResult<N>> } } = DESKTOP_CALLS
  return calls[name].result.parse(value)
}

/** Every answer over IPC: Electron would hand on of an error only its text. */
export const envelopeSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), error: z.object({ code: z.string(), message: z.string(), hint: z.string() }) }),
])
export type Envelope = z.infer<typeof envelopeSchema>

/** What main tells the page unasked. */
export const desktopEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('show'), view: shownViewSchema }),
  z.object({ kind: z.literal('notice'), notice: noticeSchema }),
])
export type DesktopEvent = z.infer<typeof desktopEventSchema>

/** One event of the stream as it comes through the port; the page answers each with `ACKNOWLEDGED`. */
export const portEventSchema = z.object({ event: z.string(), data: z.unknown() })
export type PortEvent = z.infer<typeof portEventSchema>

/** What the page asks to follow. */
export const followSchema = z.object({ topics: z.array(topicSchema).min(1).max(16) })

/** The message by which the preload script hands the page its end of a stream. */
export const portMessageSchema = z.object({ optradeStream: z.string() })
