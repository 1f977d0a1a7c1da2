import type { ExpiriesReport, HealthReport, IndicesReport, Topic } from '../../../core/contract/api-schema.ts'
import type { ChainMessage, ChainUnavailable } from '../../../core/contract/chain-stream.ts'
import type { IndexName } from '../../../core/domain/index-catalog.ts'

/** `live` while messages come; `lost` from a failure until they come again. */
export type Link = 'connecting' | 'live' | 'lost'

export interface StreamListener {
  onLink(link: Link): void
  onChain(message: ChainMessage): void
  onUnavailable(message: ChainUnavailable): void
  onHealth(report: HealthReport): void
}

/** The monitor as the page knows it, whatever lies between: HTTP in a browser, IPC in the desktop window. */
export interface MonitorClient {
  indices(): Promise<IndicesReport>
  expiries(index: IndexName): Promise<ExpiriesReport>
  /**
   * Follows topics until the returned function is called, and connects again for ever when the stream ends. After
   * each connection a chain begins with its whole state.
   */
  follow(topics: readonly Topic[], listener: StreamListener): () => void
}
