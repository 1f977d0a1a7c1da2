import type { Settings } from '../../core/contract/settings.ts'
import { toOpError } from '../../core/kernel/errors.ts'
import type { Logger } from '../../core/kernel/logger.ts'
import type { MonitorHost } from './monitor-host.ts'
import { followAlerts } from './notifications.ts'
import { createWakefulness } from './power.ts'
import type { TrayArea } from './tray.ts'
import { trayView } from './tray-view.ts'
import { mustStayAwake } from './wakefulness.ts'
import type { MainWindow } from './window.ts'

const LOOK_MS = 1_000

export interface StatusDeps {
  readonly host: MonitorHost
  readonly window: MainWindow
  /** null where there is no status area. */
  readonly tray: TrayArea | null
  readonly settings: () => Settings
  readonly logger: () => Logger
}

/** What is seen and heard of the monitor outside its page. */
export interface Status {
  /** The user looks at the window: alerts are no longer news. */
  seen(): void
  /** Begins to follow the alerts of the monitor that runs now. */
  follow(): void
  stop(): void
}

/** Looks every second: icon and tooltip of the status area, and whether the machine must stay awake. */
export function createStatus({ host, window, tray, settings, logger }: StatusDeps): Status {
  const wakefulness = createWakefulness()
  const ending = new AbortController()
  let alert: string | null = null
  const look = () => {
    const health = host.running()?.health() ?? null
    tray?.show(trayView({ health, notice: host.notice(), alert }))
    wakefulness.keep(health !== null && mustStayAwake(health, settings().PREVENT_SLEEP))
  }
  look()
  const timer = setInterval(look, LOOK_MS)
  return {
    seen() {
      alert = null
    },
    follow() {
      const monitor = host.running()
      if (monitor === null) return
      const deps = {
        logger: logger(),
        isWanted: () => settings().DESKTOP_NOTIFICATIONS,
        onAlert(raised: { readonly message: string }) {
          if (window.isFocused()) return
          alert = raised.message
          window.attract()
        },
        onClick: () => window.show('alerts'),
      }
      followAlerts(monitor, deps, ending.signal).catch((thrown: unknown) => {
        const { code, message } = toOpError(thrown)
        logger().error(`alerts are no longer shown by the system: ${message}`, { code })
      })
    },
    stop() {
      clearInterval(timer)
      ending.abort()
      wakefulness.keep(false)
      tray?.remove()
    },
  }
}
