import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Alert, AlertsReport, AlertTarget } from '../../../core/contract/alerts.ts'
import type { CallName, CallRequest } from '../../../core/contract/monitor-calls.ts'
import { type MonitorClient, MonitorFault } from '../client/monitor-client.ts'

/** Notices that stand on the screen at once. */
const MOST_NOTICES = 3

/** What the form shows: a rule that is being made (`id` null), prefilled with a target, or one that is being changed. */
export interface OpenForm {
  readonly id: string | null
  readonly target: AlertTarget | null
}

export interface AlertsState {
  readonly report: AlertsReport | null
  /** Why the last question had no answer; null when it had. */
  readonly problem: string | null
  /** Alerts on the screen that were not dismissed, oldest first. */
  readonly notices: readonly Alert[]
  /** Those that had to give way to newer ones. */
  readonly noticesHidden: number
  readonly form: OpenForm | null
}

type Change = 'createAlertRule' | 'changeAlertRule' | 'deleteAlertRule' | 'acknowledgeAlert'

/** Rules and alerts as the page shows them. */
export interface AlertsDesk {
  readonly store: StoreApi<AlertsState>
  /** Takes an alert of the stream. */
  receive(alert: Alert): void
  /** Asks how things stand; what was raised while nobody listened is told then. */
  refresh(): Promise<void>
  /** Asks for a change; null when it was made, else why not. */
  change<Name extends Change>(name: Name, input: CallRequest<Name>): Promise<string | null>
  dismiss(id: string): void
  dismissAll(): void
  open(form: OpenForm): void
  close(): void
}

export interface AlertsDeskDeps {
  readonly client: Pick<MonitorClient, 'ask'>
  readonly playSound: () => void
}

export function createAlertsDesk({ client, playSound }: AlertsDeskDeps): AlertsDesk {
  const store = createStore<AlertsState>(() => ({
    report: null,
    problem: null,
    notices: [],
    noticesHidden: 0,
    form: null,
  }))
  const told = new Set<string>()
  const tell = (alert: Alert) => {
    if (told.has(alert.id) || alert.acknowledged_at !== null) return
    told.add(alert.id)
    if (alert.channels.includes('sound')) playSound()
    if (!alert.channels.includes('toast')) return
    store.setState(({ notices, noticesHidden }) => {
      const all = [...notices, alert]
      return {
        notices: all.slice(-MOST_NOTICES),
        noticesHidden: noticesHidden + Math.max(0, all.length - MOST_NOTICES),
      }
    })
  }
  const take = (report: AlertsReport) => {
    // What stood there before this page was opened is history; what came since is news.
    if (store.getState().report === null) for (const { id } of report.history) told.add(id)
    for (const alert of report.history.toReversed()) tell(alert)
    store.setState({ report, problem: null })
    withdraw(store, report.history)
  }
  const ask = async <Name extends Change | 'alerts'>(name: Name, input: CallRequest<Name>) => {
    try {
      take(await askReport(client, name, input))
      return null
    } catch (fault) {
      if (!(fault instanceof MonitorFault)) throw fault
      return refusalOf(fault)
    }
  }
  return {
    store,
    receive(alert) {
      store.setState(({ report }) => (report === null ? {} : { report: withAlert(report, alert) }))
      tell(alert)
      withdraw(store, [alert])
    },
    async refresh() {
      store.setState({ problem: await ask('alerts', {}) })
    },
    change: ask,
    dismiss: (id) => store.setState(({ notices }) => emptied(notices.filter((alert) => alert.id !== id))),
    dismissAll: () => store.setState(emptied([])),
    open: (form) => store.setState({ form }),
    close: () => store.setState({ form: null }),
  }
}

/** A refused rule says itself what is expected; its hint is for programs. */
function refusalOf({ code, message, hint }: MonitorFault): string {
  const sentence = /[.!?…]$/.test(message) ? message : `${message}.`
  return code === 'alert_rule_invalid' ? sentence : `${sentence} ${hint}`
}

type ReportCall = { [Name in CallName]: Name extends Change | 'alerts' ? Name : never }[CallName]

/** All of these calls answer with how things stand after them. */
function askReport<Name extends ReportCall>(
  client: Pick<MonitorClient, 'ask'>,
  name: Name,
  input: CallRequest<Name>,
): Promise<AlertsReport> {
  return client.ask(name, input)
}

function emptied(notices: readonly Alert[]): Partial<AlertsState> {
  return notices.length === 0 ? { notices, noticesHidden: 0 } : { notices }
}

/** What was acknowledged elsewhere need not stand on the screen. */
function withdraw(store: StoreApi<AlertsState>, alerts: readonly Alert[]): void {
  const seen = new Set(alerts.filter(({ acknowledged_at }) => acknowledged_at !== null).map(({ id }) => id))
  const { notices } = store.getState()
  if (notices.some(({ id }) => seen.has(id))) store.setState(emptied(notices.filter(({ id }) => !seen.has(id))))
}

function withAlert(report: AlertsReport, alert: Alert): AlertsReport {
  const isKnown = report.history.some(({ id }) => id === alert.id)
  const history = isKnown
    ? report.history.map((known) => (known.id === alert.id ? alert : known))
    : [alert, ...report.history]
  return { ...report, history }
}

/** How many alerts nobody has acknowledged. */
export function openAlerts({ report }: AlertsState): number {
  return report?.history.filter(({ acknowledged_at }) => acknowledged_at === null).length ?? 0
}
