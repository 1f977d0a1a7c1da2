import type { CallName } from '../contract/monitor-calls.ts'
import { OpError } from '../kernel/errors.ts'
import type { CallHandlers } from '../ports/monitor-api.ts'

const later = (what: CallName) => () => {
  throw new OpError('not_supported_yet', { what })
}

/** What no part answers yet. */
export const PENDING_CALLS = {
  alerts: later('alerts'),
  createAlertRule: later('createAlertRule'),
  changeAlertRule: later('changeAlertRule'),
  deleteAlertRule: later('deleteAlertRule'),
  acknowledgeAlert: later('acknowledgeAlert'),
} satisfies Partial<CallHandlers>
