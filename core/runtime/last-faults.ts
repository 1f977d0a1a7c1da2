import { ERRORS } from '../kernel/error-table.ts'
import type { ComponentStatus } from '../kernel/lifecycle.ts'
import { MEMORY_REMEDY } from '../platform/memory-governor.ts'

export interface LastFault {
  /** Wall time, epoch milliseconds. */
  readonly at: number
  readonly message: string
  /** What to do. */
  readonly hint: string
}

/** The last thing that went wrong with each component; kept when it is well again. */
export interface LastFaults {
  note(component: string, issue: string, detail: string | null, at: number): void
  /** Takes an issue of a status for a fault, when it lasts: a connection that is being made is none. */
  see(component: string, status: ComponentStatus, wallNow: number): void
  of(component: string): LastFault | null
}

const LASTING_MS = 2_000

export function createLastFaults(): LastFaults {
  const faults = new Map<string, LastFault>()
  const note: LastFaults['note'] = (component, issue, detail, at) => {
    // A detail that ends with what to do knows it best, and is not to say it twice.
    const said = Object.values(ERRORS).find(({ hint }) => detail?.endsWith(hint) === true)?.hint ?? ''
    const what = (detail ?? issue.replaceAll('_', ' ')).slice(0, said === '' ? undefined : -said.length)
    faults.set(component, { at, message: what.trim().replace(/\.$/, ''), hint: said === '' ? hintOf(issue) : said })
  }
  return {
    note,
    see(component, { issue, detail, since }, wallNow) {
      if (issue !== null && wallNow - since >= LASTING_MS) note(component, issue, detail, since)
    },
    of: (component) => faults.get(component) ?? null,
  }
}

/** Issues that are states of a component and no errors of the table. */
const HINTS: Readonly<Record<string, string>> = {
  feed_disconnected: 'It connects again by itself. If it lasts, check the network.',
  feed_stale: 'It connects again by itself. If it lasts, look whether the broker reports a trouble.',
  memory_high: MEMORY_REMEDY,
  login_required: 'Log in to Kite and set the new KITE_ACCESS_TOKEN; it is taken up without a restart.',
}

/** What the operator should do about an issue of `/health`. */
function hintOf(issue: string): string {
  const known = Object.entries(ERRORS).find(([code]) => code === issue)
  if (HINTS[issue] !== undefined) return HINTS[issue]
  if (known !== undefined && !known[1].hint.includes('{')) return known[1].hint
  if (issue.endsWith('_behind')) return 'It catches up by itself; nothing is lost, the journal has it. See the log.'
  return 'See the log.'
}
