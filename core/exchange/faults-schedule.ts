import { addDays, istDate, istInstant } from '../domain/ist.ts'
import type { Fault, FaultAction } from './faults.ts'

type HttpFault = Extract<FaultAction, { kind: 'http' }>
type UpgradeFault = Extract<FaultAction, { kind: 'reject_upgrade' }>

export interface FaultSchedule {
  /** Faults that fall due by now, each once, in order of the script; `http` and `reject_upgrade` become active. */
  due(marketMs: number, monotonicMs: number): FaultAction[]
  /** The fault with which REST must answer now. */
  http(monotonicMs: number): HttpFault | null
  upgrade(monotonicMs: number): UpgradeFault | null
}

interface Pending {
  readonly action: FaultAction
  isDue(marketMs: number, monotonicMs: number): boolean
}

/** The script, running. A time of day that is over when the exchange starts means the next day's. */
export function createFaultSchedule(
  faults: readonly Fault[],
  start: { readonly marketMs: number; readonly monotonicMs: number },
): FaultSchedule {
  let pending = faults.map((fault): Pending => {
    const { trigger, action } = fault
    if ('afterMs' in trigger) return { action, isDue: (_, now) => now - start.monotonicMs >= trigger.afterMs }
    const atMs = nextTimeOfDay(trigger.at, start.marketMs)
    return { action, isDue: (now) => now >= atMs }
  })
  let http: { readonly fault: HttpFault; readonly untilMs: number } | null = null
  let upgrade: { readonly fault: UpgradeFault; readonly untilMs: number } | null = null

  return {
    due(marketMs, monotonicMs) {
      const due = pending.filter((one) => one.isDue(marketMs, monotonicMs)).map((one) => one.action)
      pending = pending.filter((one) => !due.includes(one.action))
      for (const action of due) {
        if (action.kind === 'http') http = { fault: action, untilMs: monotonicMs + action.forMs }
        if (action.kind === 'reject_upgrade') upgrade = { fault: action, untilMs: monotonicMs + action.forMs }
      }
      return due
    },
    http: (monotonicMs) => (http !== null && monotonicMs < http.untilMs ? http.fault : null),
    upgrade: (monotonicMs) => (upgrade !== null && monotonicMs < upgrade.untilMs ? upgrade.fault : null),
  }
}

function nextTimeOfDay(time: string, fromMs: number): number {
  const date = istDate(fromMs)
  const today = istInstant(date, time)
  return today >= fromMs ? today : istInstant(addDays(date, 1), time)
}
