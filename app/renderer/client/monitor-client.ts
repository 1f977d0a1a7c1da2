import type { Alert } from '../../../core/contract/alerts.ts'
import type { HealthReport, Topic } from '../../../core/contract/api-schema.ts'
import type { ChainMessage, ChainUnavailable } from '../../../core/contract/chain-stream.ts'
import type { CallName, CallRequest, CallResult } from '../../../core/contract/monitor-calls.ts'

/** `live` while messages come; `lost` from a failure until they come again. */
export type Link = 'connecting' | 'live' | 'lost'

export interface StreamListener {
  onLink(link: Link): void
  onChain(message: ChainMessage): void
  onUnavailable(message: ChainUnavailable): void
  onHealth(report: HealthReport): void
  onAlert(alert: Alert): void
}

/** Why a call has no answer: a code of docs/errors.md, what happened and what to do, in words for the user. */
export class MonitorFault extends Error {
  readonly code: string
  readonly hint: string

  constructor(
    { code, message, hint }: { readonly code: string; readonly message: string; readonly hint: string },
    cause?: unknown,
  ) {
    super(message, { cause })
    this.name = 'MonitorFault'
    this.code = code
    this.hint = hint
  }
}

/** The monitor as the page knows it, whatever lies between: HTTP in a browser, IPC in the desktop window. */
export interface MonitorClient {
  /** Asks one call of `MONITOR_CALLS`; rejects with MonitorFault. */
  ask<Name extends CallName>(name: Name, input: CallRequest<Name>): Promise<CallResult<Name>>
  /**
   * Follows topics until the returned function is called, and connects again for ever when the stream ends. After
   * each connection a chain begins with its whole state.
   */
  follow(topics: readonly Topic[], listener: StreamListener): () => void
}
