import { z } from 'zod'
import { INDEX_NAMES } from '../domain/index-catalog.ts'
import { SOURCES } from '../domain/instrument.ts'
import { GAP_CAUSES } from '../domain/journal-entry.ts'
import { CONTROL_KINDS } from './setting-kinds.ts'
import { SETTING_GROUPS } from './settings.ts'

/** What keeps the product running, as the page shows it: log, gaps, readiness, settings. */

const instant = z.string().describe('2026-11-23T10:00:00.123+05:30')

/** The gap ledger of one trading day. */
export const coverageSchema = z.object({
  index: z.enum(INDEX_NAMES),
  date: z.string(),
  source: z.enum(SOURCES),
  /** From the opening until options trade no more; null on a day without a session. */
  session: z.object({ from: instant, to: instant }).nullable(),
  /** On the first day of a record where it begins, if that is within the session: what was before is not counted. */
  recorded_from: instant.nullable(),
  /** Share of the open session so far that is on record, 0 to 1; null without a session. */
  coverage: z.number().nullable(),
  gaps: z.array(
    z.object({
      from: instant,
      to: instant,
      cause: z.enum(GAP_CAUSES),
      /** null = all indices. */
      index: z.enum(INDEX_NAMES).nullable(),
      /** Received packets that were dropped, where that is known. */
      dropped: z.number().int().nullable(),
    }),
  ),
})
export type CoverageReport = z.infer<typeof coverageSchema>

export const LOG_LEVEL_NAMES = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const

export const logQuerySchema = z.object({
  /** Only lines after this one. */
  after: z.coerce.number().int().optional(),
  /** The lowest level. */
  level: z.enum(LOG_LEVEL_NAMES).default('INFO'),
  /** Text that occurs in the message, the service or a field, in any case. */
  text: z.string().max(200).default(''),
  limit: z.coerce.number().int().min(1).max(1_000).default(300),
})

/** The newest lines of this run's log; secrets are masked before they come here. */
export const logSchema = z.object({
  lines: z.array(
    z.object({
      id: z.number().int(),
      timestamp: z.string(),
      level: z.enum(LOG_LEVEL_NAMES),
      service: z.string(),
      message: z.string(),
      fields: z.record(z.string(), z.string()),
    }),
  ),
  /** Lines that are no longer kept in memory. */
  dropped: z.number().int(),
})
export type LogReport = z.infer<typeof logSchema>

/** `none`: nothing to check here (a token in a simulated market). */
export const readinessSchema = z.object({
  checked_at: instant,
  state: z.enum(['pass', 'warn', 'fail']),
  /** One line that says it all. */
  sentence: z.string(),
  items: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      state: z.enum(['pass', 'warn', 'fail', 'none']),
      detail: z.string(),
      /** What to do; null when nothing. */
      remedy: z.string().nullable(),
    }),
  ),
})
export type ReadinessReport = z.infer<typeof readinessSchema>

/** Every setting as it is in force; of secrets only whether they are set. */
export const settingsReportSchema = z.object({
  groups: z.array(z.object({ name: z.string(), title: z.string() })),
  /** Where changes are written. */
  file: z.string(),
  /** Why that file cannot be read, and so not be changed either; null when it can, or is not there yet. */
  file_fault: z.string().nullable(),
  /** Where secrets are kept: in that file, or in the system's keychain, which may be weak or unavailable. */
  secrets: z.enum(['file', 'available', 'weak', 'unavailable']),
  settings: z.array(
    z.object({
      name: z.string(),
      group: z.enum(Object.keys(SETTING_GROUPS)),
      /** As the user would write it; null = unset, and always for secrets. */
      value: z.string().nullable(),
      /** What the next start will use, where `changed`; null = unset, and always for secrets. */
      pending: z.string().nullable(),
      /** The next start will use another value than the one in force. */
      changed: z.boolean(),
      is_set: z.boolean(),
      /** Whether it is set for the next start. */
      will_be_set: z.boolean(),
      /** Why the next start would refuse what stands there; null when it is right. */
      fault: z.string().nullable(),
      default: z.string().nullable(),
      allowed: z.string(),
      /** For a control that offers them; null for free text. */
      choices: z.array(z.string()).nullable(),
      kind: z.enum(CONTROL_KINDS),
      /** Of numbers. */
      range: z.object({ minimum: z.number(), maximum: z.number() }).nullable(),
      unit: z.string().nullable(),
      doc: z.string(),
      secret: z.boolean(),
      restart: z.boolean(),
      /** `none`: this version does nothing with it yet; `refused`: nor may it be set. */
      effect: z.enum(['full', 'none', 'refused']),
      origin: z.enum(['default', 'settings.json', '.env', 'environment', 'flag', 'keychain']),
      /** Why a change here would have no effect (the environment or a flag wins); null when it has. */
      fixed_by: z.string().nullable(),
    }),
  ),
  restart_needed: z.boolean(),
})
export type SettingsReport = z.infer<typeof settingsReportSchema>

/** Values as text; null takes a setting back to its default. Nothing is written when one of them is wrong. */
export const settingsChangeSchema = z.object({ changes: z.record(z.string(), z.string().nullable()) })
export const settingsChangedSchema = z.object({
  /** By name what is wrong; empty when everything was written. */
  faults: z.record(z.string(), z.string()),
  settings: settingsReportSchema,
})
export type SettingsChanged = z.infer<typeof settingsChangedSchema>

export const collectingSchema = z.object({
  /** The user has stopped collecting until further notice. */
  paused: z.boolean(),
})
