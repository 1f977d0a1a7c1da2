import type { LoadedSettings } from '../config/load.ts'
import type { HealthReport } from '../contract/api-schema.ts'
import type { Door } from '../http/door.ts'
import type { MonitorApi } from '../ports/monitor-api.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { ExportJobs } from './export-jobs.ts'
import type { RememberingLogger } from './logger.ts'

export interface MonitorInputs {
  readonly loaded: LoadedSettings
  readonly logger: RememberingLogger
  /** The system's keychain, where there is one; `loaded` was read with it. */
  readonly secrets?: Secrets
  /** The newest access token there is, read anew at each call. */
  readonly accessToken: () => string | null
  /** Of the product, as package.json has it. */
  readonly version: string
  /** Where the build of the page lies. */
  readonly pageFolder: string
  /** The program of the thread that archives days: `archive-worker.ts`, or its bundle. */
  readonly archiveWorker: string
  /** A port that is taken gives way to a free one; otherwise the start fails with `port_taken`. */
  readonly anyPort: boolean
  /** Whether the machine is kept awake in market hours; left out where nothing can do that. */
  readonly keepsAwake?: () => boolean
  /** Told where the page is to be had, as soon as it is. */
  readonly onPage?: (address: string) => void
  /** Told of each part before it is stopped. */
  readonly onStop?: (part: string) => void
}

/** The running product. */
export interface Monitor {
  /** `http://host:port` of the API. */
  readonly address: string
  readonly metricsAddress: string
  readonly dataRoot: string
  health(): HealthReport
  /** What a page can ask, for shells that do not go over HTTP. */
  readonly calls: MonitorApi['calls']
  readonly stream: MonitorApi['stream']
  /** For shells that write files where the user says. */
  readonly exports: Pick<ExportJobs, 'job' | 'cancel' | 'save'>
  /** The machine goes to sleep, or is awake again. */
  onPower(event: 'sleep' | 'wake'): void
  /** The page of the desktop window had to be loaded again. */
  countPageFault(reason: 'gone' | 'unresponsive'): void
  /** Stops intake first, then records and hands on what there is; safe to call again. */
  stop(): Promise<void>
}

/** The ports that are listened on, from the first moment of a start. */
export interface Doors {
  readonly api: Door
  readonly metrics: Door
}
