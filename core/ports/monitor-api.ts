import type {
  ExpiriesReport,
  GreeksReport,
  HealthReport,
  IndicesReport,
  OptionChain,
  SummaryReport,
  Topic,
} from '../contract/api-schema.ts'
import type { LegsQuery, LegsReport } from '../contract/legs.ts'
import { type CallInput, type CallName, type CallResult, readInput } from '../contract/monitor-calls.ts'
import type { IndexName } from '../domain/index-catalog.ts'
import type { Bucket } from '../domain/instrument.ts'

/** One server-sent event; `id` is null for what cannot be resumed. */
export interface StreamEvent {
  readonly id: string | null
  readonly event: string
  readonly data: unknown
}

/** The handlers of `MONITOR_CALLS`, by name; they get parsed input and throw OpError. */
export type CallHandlers = {
  readonly [Name in CallName]: (input: CallInput<Name>) => CallResult<Name> | Promise<CallResult<Name>>
}

/** Reads what came from outside by the schema of the call, and asks its handler. */
export async function answerCall<Name extends CallName>(
  calls: CallHandlers,
  name: Name,
  input: unknown,
): Promise<CallResult<Name>> {
  return calls[name](readInput(name, input))
}

/** One page of recorded legs, in the form that is wanted. */
export interface RecordedPage {
  report(): LegsReport
  /** With the header line. */
  csv(): Uint8Array
  /** Cursor of the next page, null when this was the last. */
  readonly next: string | null
}

export interface ExportFile {
  readonly name: string
  readonly type: string
  /** Who ends it early cancels the export. */
  readonly bytes: AsyncIterable<Uint8Array>
}

/**
 * What the product answers, whoever asks: HTTP, IPC and the command line call the same handlers.
 * They throw OpError: `index_unknown`, `bucket_not_listed`, `universe_unknown` (nothing known yet).
 */
export interface MonitorApi {
  health(): HealthReport
  /** Whether requests can be served; ignores the broker, Redis and InfluxDB. */
  ready(): boolean
  indices(): IndicesReport
  expiries(index: IndexName): ExpiriesReport
  optionChain(index: IndexName, bucket: Bucket): OptionChain
  /** The chain as the record has it at an instant (epoch ms); the nearest expiry without a bucket. Throws `not_on_record`. */
  pastChain(index: IndexName, bucket: Bucket | null, at: number): Promise<OptionChain>
  greeks(index: IndexName, bucket: Bucket): GreeksReport
  summary(index: IndexName, bucket: Bucket): SummaryReport
  /** Recorded legs, a page at a time; throws `request_invalid`. */
  legs(index: IndexName, query: LegsQuery): Promise<RecordedPage>
  /** The file of an export that waits for it, once; throws `job_unknown`. */
  exportFile(id: string): ExportFile
  /** What a page can ask, over IPC and HTTP alike. */
  readonly calls: CallHandlers
  /**
   * Events of the topics from now on, or after `lastEventId` where it is still known; when it is not, the first
   * event is `reset` and the client reads the state anew. Ends when `signal` aborts. A client that reads too
   * slowly gets `reset` instead of an unbounded queue.
   */
  stream(topics: readonly Topic[], lastEventId: string | null, signal: AbortSignal): AsyncIterable<StreamEvent>
}
