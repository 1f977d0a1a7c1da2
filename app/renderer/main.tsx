import './zod-settings.ts'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { desktopBridge } from './client/desktop-bridge.ts'
import { createDesktopClient, type DesktopClient } from './client/desktop-client.ts'
import { createHttpClient } from './client/http-client.ts'
import { createIpcClient } from './client/ipc-client.ts'
import { createAlertSound } from './features/alerts/alert-sound.ts'
import { createHealthHistory } from './features/health/health-history.ts'
import { keepInstant } from './features/history/kept-instant.ts'
import { createTravel } from './features/history/travel.ts'
import { createSettingsForm } from './features/settings/settings-form.ts'
import { preloadChartedViews } from './features/shell/late-view.tsx'
import { saveFrom } from './lib/save-file.ts'
import { adoptPlace, followAddress } from './store/address.ts'
import { createAlertsDesk } from './store/alerts.ts'
import { StoresContext } from './store/context.ts'
import { createExportDesk } from './store/exports.ts'
import { createMarket } from './store/market.ts'
import { createPreferences } from './store/preferences.ts'
import { bucketOf } from './store/selection.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/shell.css'
import './styles/chain.css'
import './styles/chain-table.css'
import './styles/health.css'
import './styles/health-gaps.css'
import './styles/health-log.css'
import './styles/greeks.css'
import './styles/charts.css'
import './styles/alerts.css'
import './styles/alert-form.css'
import './styles/export.css'
import './styles/settings.css'
import './styles/onboarding.css'
import './styles/history.css'

function after(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs)
  return () => clearTimeout(timer)
}

function every(intervalMs: number, run: () => void): () => void {
  const timer = setInterval(run, intervalMs)
  return () => clearInterval(timer)
}

function onFrame(run: () => void): () => void {
  const frame = requestAnimationFrame(run)
  return () => cancelAnimationFrame(frame)
}

const preferences = createPreferences(localStorage)
adoptPlace(location.hash, preferences)
const { index } = preferences.getState()
const bridge = desktopBridge()
const deps = { random: Math.random, after }
const client =
  bridge === null
    ? createHttpClient({ ...deps, fetch: (...given) => fetch(...given) })
    : createIpcClient(deps, bridge, window)
const sound = createAlertSound(window, () => !preferences.getState().alertSound)
const alerts = createAlertsDesk({ client, playSound: sound.play })
const market = createMarket(
  { client, onAlert: alerts.receive, onFrame, every, elapsed: () => performance.now() },
  { index, bucket: bucketOf(index, preferences.getState(), null) },
)
const travel = createTravel({ client, live: market, every })
keepInstant(travel, market.store, sessionStorage)
const settings = createSettingsForm(client)
const history = createHealthHistory(market.store, () => performance.now())
followAddress(window, preferences, { ...market, select: travel.market.select })
market.start()
followLink()
const desktop = bridge === null ? null : createDesktopClient(bridge)
const exports = createExportDesk({ client, desktop, after, takeFile: saveFrom })
if (desktop !== null) followDesktop(desktop)

/** Each time the line is there: what was raised while it was not. */
function followLink(): void {
  market.store.subscribe(({ link }, before) => {
    if (link === 'live' && before.link !== 'live') void alerts.refresh()
  })
}

/** Goes to the page that a notification or the tray asks for. */
function followDesktop(desktop: DesktopClient): void {
  desktop.onEvent((event) => {
    if (event.kind === 'show') preferences.setState({ view: event.view })
  })
  desktop.ask('wantedView', {}).then(
    ({ view }) => {
      if (view !== null) preferences.setState({ view })
    },
    (fault: unknown) => console.error(fault),
  )
}

const root = document.getElementById('root')
if (root !== null) {
  createRoot(root).render(
    <StoresContext
      value={{ alerts, client, desktop, exports, market, live: market, travel, preferences, settings, sound, history }}
    >
      <App />
    </StoresContext>,
  )
  preloadChartedViews()
}
