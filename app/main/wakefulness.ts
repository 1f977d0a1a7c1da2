import type { HealthReport } from '../../core/contract/api-schema.ts'

/** Phases in which packets come. */
const BUSY: readonly string[] = ['pre_open', 'open', 'cash_auction', 'fo_only']

/** Whether the machine must stay awake: the live market is recorded, and it is open. */
export function mustStayAwake({ simulated, market, collecting }: HealthReport, prevent: boolean): boolean {
  return prevent && !simulated && !collecting.paused && BUSY.includes(market.phase)
}
