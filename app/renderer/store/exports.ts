import { createStore, type StoreApi } from 'zustand/vanilla'
import type { Job } from '../../../core/contract/legs.ts'
import type { CallRequest } from '../../../core/contract/monitor-calls.ts'
import type { DesktopClient } from '../client/desktop-client.ts'
import { type MonitorClient, MonitorFault } from '../client/monitor-client.ts'

export interface ExportState {
  /** The export that runs, or ended last; null before the first, and while one is being begun. */
  readonly job: Job | null
  /** Why the last one could not begin or be followed; null when it could. */
  readonly fault: string | null
  /** Asking for it, or for the place where it goes. */
  readonly beginning: boolean
}

/** The one export of a page; it goes on while its dialog is closed. */
export interface ExportDesk {
  readonly store: StoreApi<ExportState>
  start(query: CallRequest<'startExport'>): Promise<void>
  cancel(): Promise<void>
}

export interface ExportDeskDeps {
  readonly client: Pick<MonitorClient, 'ask'>
  /** null in a browser, which takes the file itself. */
  readonly desktop: Pick<DesktopClient, 'ask'> | null
  readonly after: (delayMs: number, run: () => void) => void
  /** Has the browser download what stands at an address. */
  readonly takeFile: (address: string, name: string) => void
}

const LOOK_MS = 400

export function isRunning(job: Job | null): boolean {
  return job?.state === 'queued' || job?.state === 'running'
}

export function createExportDesk({ client, desktop, after, takeFile }: ExportDeskDeps): ExportDesk {
  const store = createStore<ExportState>(() => ({ job: null, fault: null, beginning: false }))
  /** A fault of the monitor becomes a sentence. */
  const attempt = async (run: () => Promise<void>) => {
    try {
      await run()
    } catch (fault) {
      if (!(fault instanceof MonitorFault)) throw fault
      store.setState({ fault: `${fault.message}. ${fault.hint}`, beginning: false })
    }
  }
  const look = (id: string): Promise<void> =>
    attempt(async () => {
      if (store.getState().job?.id !== id) return
      const job = await client.ask('job', { id })
      if (store.getState().job?.id !== id) return
      store.setState({ job, fault: null })
      if (isRunning(job)) after(LOOK_MS, () => void look(id))
    })
  const take = async (job: Job): Promise<Job | null> => {
    if (desktop !== null) return (await desktop.ask('saveExport', { id: job.id })).job
    takeFile(`/exports/${encodeURIComponent(job.id)}/file`, job.file)
    return job
  }
  return {
    store,
    start: (query) =>
      attempt(async () => {
        store.setState({ job: null, fault: null, beginning: true })
        const job = await take(await client.ask('startExport', query))
        store.setState({ job, beginning: false })
        if (job !== null) after(LOOK_MS, () => void look(job.id))
      }),
    cancel: () =>
      attempt(async () => {
        const { job } = store.getState()
        if (job !== null) store.setState({ job: await client.ask('cancelJob', { id: job.id }) })
      }),
  }
}
