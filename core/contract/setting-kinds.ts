import { z } from 'zod'
import { formatIst, parseInstant } from '../domain/ist.ts'

export const CONTROL_KINDS = ['text', 'flag', 'choice', 'choices', 'number', 'list'] as const

/** What a form needs to offer a setting. */
export interface SettingControl {
  readonly kind: (typeof CONTROL_KINDS)[number]
  /** What can be chosen, of `choice` and `choices`. */
  readonly choices?: readonly string[]
  /** Of numbers; the lowest may itself be excluded (`allowed` says so). */
  readonly range?: { readonly minimum: number; readonly maximum: number }
}

export type SettingValue = string | number | boolean | readonly (string | number)[]

/** How a setting is written: every layer gives text, and the schema makes the value of it. */
export interface SettingKind<T> {
  readonly schema: z.ZodType<T, string>
  /** What is allowed, as the end of the sentence "must be …". */
  readonly allowed: string
  readonly control: SettingControl
  /** The text that gives this value again; left out where `String` makes it. */
  readonly write?: (value: SettingValue) => string
}

const TEXT: SettingControl = { kind: 'text' }

const WHOLE = /^[+-]?\d{1,15}$/
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)$/

/** Without an exponent, which the schemas do not read. */
function plain(value: SettingValue): string {
  const written = String(value)
  if (typeof value !== 'number' || !written.includes('e')) return written
  return value.toFixed(100).replace(/0+$/, '')
}

export const flag: SettingKind<boolean> = {
  schema: z.stringbool(),
  allowed: 'true or false',
  control: { kind: 'flag' },
}

/** Anything but nothing. `allowed` says what it is for. */
export function text(allowed: string): SettingKind<string> {
  return { schema: z.string().min(1), allowed, control: TEXT }
}

export function longText(minimum: number): SettingKind<string> {
  return { schema: z.string().min(minimum), allowed: `at least ${minimum} characters`, control: TEXT }
}

export function path(what: 'file' | 'folder'): SettingKind<string> {
  return {
    schema: z.string().min(1),
    allowed: `the path of a ${what}, from the working folder unless absolute`,
    control: TEXT,
  }
}

export function whole(minimum: number, maximum: number): SettingKind<number> {
  return {
    schema: z.string().regex(WHOLE).transform(Number).pipe(z.int().min(minimum).max(maximum)),
    allowed: `a whole number from ${minimum} to ${maximum}`,
    control: { kind: 'number', range: { minimum, maximum } },
  }
}

export const port: SettingKind<number> = { ...whole(0, 65535), allowed: 'a port from 0 to 65535 (0: any free one)' }

export function decimal(minimum: number, maximum: number): SettingKind<number> {
  return {
    schema: z.string().regex(DECIMAL).transform(Number).pipe(z.number().min(minimum).max(maximum)),
    allowed: `a number from ${minimum} to ${maximum}`,
    control: { kind: 'number', range: { minimum, maximum } },
    write: plain,
  }
}

export const speed: SettingKind<number> = {
  schema: z.string().regex(DECIMAL).transform(Number).pipe(z.number().gt(0).max(100_000)),
  allowed: 'a number above 0, at most 100000 (1: as fast as the market)',
  control: { kind: 'number', range: { minimum: 0, maximum: 100_000 } },
  write: plain,
}

/** One of the names, in any case. */
export function choice<const T extends string>(names: readonly [T, ...T[]]): SettingKind<T> {
  const known = new Map<string, T>(names.map((name) => [name.toLowerCase(), name]))
  return {
    schema: z.string().transform((written, context): T => {
      const name = known.get(written.toLowerCase())
      if (name !== undefined) return name
      context.addIssue({ code: 'custom', message: 'unknown name' })
      return z.NEVER
    }),
    allowed: names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`,
    control: { kind: 'choice', choices: names },
  }
}

/** Parts between commas, without empty ones and repeats. */
function parts(written: string): string[] {
  const all = written.split(',').map((part) => part.trim())
  return [...new Set(all.filter((part) => part !== ''))]
}

function listOf<T>(item: SettingKind<T>, allowed: string): SettingKind<readonly T[]> {
  const schema = z.string().transform(parts).pipe(z.array(item.schema).min(1)).readonly()
  return { schema, allowed, control: { kind: 'list' } }
}

/** One or more of the names, by commas, in the order in which `names` has them. */
export function choices<const T extends string>(names: readonly [T, ...T[]]): SettingKind<readonly T[]> {
  const list = listOf(choice(names), `one or more of ${names.join(', ')}, by commas`)
  const schema = list.schema.transform((chosen) => names.filter((name) => chosen.includes(name)))
  return { schema, allowed: list.allowed, control: { kind: 'choices', choices: names } }
}

/** Signed whole numbers by commas; ascending, without repeats. */
export function offsets(limit: number): SettingKind<readonly number[]> {
  const list = listOf(whole(-limit, limit), `whole numbers from -${limit} to ${limit}, by commas`)
  const schema = list.schema.transform((chosen) => [...new Set(chosen)].sort((a, b) => a - b))
  return { schema, allowed: list.allowed, control: list.control }
}

export function names(allowed: string): SettingKind<readonly string[]> {
  return listOf(text(allowed), `${allowed}, by commas`)
}

/** Days, or `infinite`. */
export const keepingDays: SettingKind<number | 'infinite'> = {
  schema: z
    .string()
    .toLowerCase()
    .regex(/^(infinite|[1-9]\d{0,4}d)$/)
    .transform((written) => (written === 'infinite' ? written : Number.parseInt(written, 10))),
  allowed: 'infinite, or days as 90d',
  control: TEXT,
  write: (value) => (typeof value === 'number' ? `${value}d` : String(value)),
}

export function url(...protocols: readonly [string, ...string[]]): SettingKind<string> {
  return {
    schema: z.url({ protocol: new RegExp(`^(${protocols.join('|')})$`) }),
    allowed: `a URL that begins with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`,
    control: TEXT,
  }
}

export const date: SettingKind<string> = { schema: z.iso.date(), allowed: 'a date as 2026-11-23', control: TEXT }

export const timeOfDay: SettingKind<string> = {
  schema: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  allowed: 'a time of day (IST) as 02:00',
  control: TEXT,
}

/** Epoch milliseconds. */
export const instant: SettingKind<number> = {
  schema: z.string().transform((written, context) => {
    const epochMs = parseInstant(written)
    if (epochMs !== null) return epochMs
    context.addIssue({ code: 'custom', message: 'no instant' })
    return z.NEVER
  }),
  allowed: 'an instant as 2026-11-23T09:10 (IST), with an offset as +05:30, or in epoch milliseconds',
  control: TEXT,
  write: (value) => (typeof value === 'number' ? formatIst(value) : String(value)),
}
