import { z } from 'zod'
import { INDEX_NAMES } from '../domain/index-catalog.ts'
import { BUCKETS } from '../domain/instrument.ts'
import { OpError } from '../kernel/errors.ts'
import { alertRuleChangeSchema, alertsSchema, newAlertRuleSchema } from './alerts.ts'
import { expiriesSchema, healthSchema, indicesSchema, summarySchema } from './api-schema.ts'
import { chainAtQuerySchema, chainAtSchema, recordedDaySchema, recordedDaysSchema } from './history.ts'
import { exportQuerySchema, jobSchema } from './legs.ts'
import {
  collectingSchema,
  coverageSchema,
  logQuerySchema,
  logSchema,
  readinessSchema,
  settingsChangedSchema,
  settingsChangeSchema,
  settingsReportSchema,
} from './operations.ts'
import { previousSmileSchema, seriesQuerySchema, seriesSchema } from './series.ts'

/**
 * Everything that a page can ask: the one table behind IPC (a method each), HTTP (a route each) and the page's client.
 * `input` is one object; over HTTP what the path names comes from the path, the rest from the query (GET, DELETE) or
 * the body.
 */

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

interface Call<Input extends z.ZodObject, Result extends z.ZodType> {
  readonly method: Method
  readonly path: string
  readonly summary: string
  readonly input: Input
  readonly result: Result
}

function call<Input extends z.ZodObject, Result extends z.ZodType>(
  route: `${Method} /${string}`,
  summary: string,
  input: Input,
  result: Result,
): Call<Input, Result> {
  const space = route.indexOf(' ')
  const method = z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).parse(route.slice(0, space))
  return { method, path: route.slice(space + 1), summary, input, result }
}

const nothing = z.object({})
const byIndex = z.object({ index: z.enum(INDEX_NAMES) })
const byChain = byIndex.extend({
  bucket: z.enum(BUCKETS).optional().describe('the nearest listed one when it is left out'),
})
const byId = z.object({ id: z.string() })

/** The live market. */
export const MARKET_CALLS = {
  health: call('GET /health', 'Health of every part', nothing, healthSchema),
  indices: call('GET /indices', 'Indices and their buckets today', nothing, indicesSchema),
  expiries: call('GET /expiries/:index', 'Expiries, strikes and lots', byIndex, expiriesSchema),
  summary: call('GET /analytics/:index/summary', 'Metrics of window and full chain', byChain, summarySchema),
} as const

/** What stands on record, and what keeps the product running. */
export const OPERATION_CALLS = {
  series: call('GET /analytics/:index/series', 'Series from the record', seriesQuerySchema, seriesSchema),
  previousSmile: call(
    'GET /analytics/:index/previous-smile',
    'IV by strike at the previous close',
    byChain.extend({ date: z.iso.date().optional().describe('the day that the close lies before; today') }),
    previousSmileSchema,
  ),
  recordedDays: call('GET /history', 'Days with a record', nothing, recordedDaysSchema),
  recordedDay: call(
    'GET /history/:index/:date',
    'Record, phases, gaps and expiries of a day',
    byIndex.extend({ date: z.iso.date() }),
    recordedDaySchema,
  ),
  chainAt: call('GET /history/:index', 'A chain at an instant, and how it went on', chainAtQuerySchema, chainAtSchema),
  startExport: call(
    'POST /exports',
    'Recorded legs as a file, to be taken from GET /exports/:id/file within a minute',
    exportQuerySchema,
    jobSchema,
  ),
  job: call('GET /jobs/:id', 'How far a job has come', byId, jobSchema),
  cancelJob: call('DELETE /jobs/:id', 'Cancels a job; one that has ended stays as it is', byId, jobSchema),
  coverage: call(
    'GET /coverage/:index',
    'The gap ledger of a day',
    byIndex.extend({ date: z.iso.date().optional().describe('the trading day of now when it is left out') }),
    coverageSchema,
  ),
  alerts: call('GET /alerts', 'Rules, and what they raised', nothing, alertsSchema),
  createAlertRule: call('POST /alerts/rules', 'A new rule', newAlertRuleSchema, alertsSchema),
  changeAlertRule: call('PATCH /alerts/rules/:id', 'Changes a rule', alertRuleChangeSchema, alertsSchema),
  deleteAlertRule: call('DELETE /alerts/rules/:id', 'Removes a rule; its history stays', byId, alertsSchema),
  acknowledgeAlert: call('POST /alerts/:id/ack', 'Marks an alert as seen', byId, alertsSchema),
  log: call('GET /log', 'The newest lines of the log', logQuerySchema, logSchema),
  readiness: call('GET /readiness', 'Whether the next session can be recorded', nothing, readinessSchema),
  settings: call('GET /settings', 'Every setting in force', nothing, settingsReportSchema),
  changeSettings: call('PUT /settings', 'Writes settings', settingsChangeSchema, settingsChangedSchema),
  setCollecting: call('PUT /collecting', 'Pauses and resumes collecting', collectingSchema, collectingSchema),
} as const

export const MONITOR_CALLS = { ...MARKET_CALLS, ...OPERATION_CALLS } as const

export type CallName = keyof typeof MONITOR_CALLS
export type OperationName = keyof typeof OPERATION_CALLS
export type CallInput<Name extends CallName> = z.infer<(typeof MONITOR_CALLS)[Name]['input']>
/** As the asking side may write it: defaults left out. */
export type CallRequest<Name extends CallName> = z.input<(typeof MONITOR_CALLS)[Name]['input']>
export type CallResult<Name extends CallName> = z.infer<(typeof MONITOR_CALLS)[Name]['result']>

/**
 * A result that says no: over HTTP it is a problem of this fault with the result's own members beside it, and a page
 * reads it as the result that it is. null for a result that says yes.
 */
export function refusalOf<Name extends CallName>(name: Name, result: CallResult<Name>): OpError | null
export function refusalOf(name: CallName, result: object): OpError | null {
  if (name !== 'changeSettings' || !('faults' in result)) return null
  const faults = Object.entries(result.faults ?? {}).map(([setting, fault]) => `${setting}: ${fault}`)
  return faults.length === 0 ? null : new OpError('settings_refused', { faults: faults.join(' ') })
}

function isCallName(text: string): text is CallName {
  return Object.hasOwn(MONITOR_CALLS, text)
}

function isOperationName(text: string): text is OperationName {
  return Object.hasOwn(OPERATION_CALLS, text)
}

export const CALL_NAMES: readonly CallName[] = Object.keys(MONITOR_CALLS).filter(isCallName)

export const OPERATION_NAMES = CALL_NAMES.filter(isOperationName)

/** Reads what was asked of a call; throws OpError `request_invalid` that says what is wrong. */
export function readInput<Name extends CallName>(name: Name, value: unknown): CallInput<Name> {
  const calls: { readonly [N in CallName]: { readonly input: z.ZodType<CallInput<N>> } } = MONITOR_CALLS
  const read = calls[name].input.safeParse(value)
  if (read.success) return read.data
  const faults = read.error.issues.map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`)
  throw new OpError('request_invalid', { reason: faults.join('; ') }, { cause: read.error })
}

/** Reads what a call answered; throws ZodError. */
export function readResult<Name extends CallName>(name: Name, value: unknown): CallResult<Name> {
  const calls: { readonly [N in CallName]: { readonly result: z.ZodType<CallResult<N>> } } = MONITOR_CALLS
  return calls[name].result.parse(value)
}
