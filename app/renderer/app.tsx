import { useEffect, useState } from 'react'
import { AlertsView } from './features/alerts/alerts-view.tsx'
import { AlertNotices } from './features/alerts/notices.tsx'
import { ChainView } from './features/chain/chain-view.tsx'
import { ColumnChooser } from './features/chain/column-chooser.tsx'
import { ExportDialog } from './features/export/export-dialog.tsx'
import { HealthView } from './features/health/health-view.tsx'
import { HistoryBar } from './features/history/history-bar.tsx'
import { OF_NOW } from './features/history/history-strip.tsx'
import { LiveStores, ShownStores } from './features/history/shown-stores.tsx'
import { FirstSteps } from './features/onboarding/first-steps.tsx'
import { SettingsView } from './features/settings/settings-view.tsx'
import { type Dialogs, useActions } from './features/shell/actions.ts'
import { Banner } from './features/shell/banner.tsx'
import { DisplaySettings } from './features/shell/display-settings.tsx'
import { Help } from './features/shell/help.tsx'
import { type Command, commandOf, isTaken } from './features/shell/keyboard.ts'
import { LateView } from './features/shell/late-view.tsx'
import { Rail } from './features/shell/rail.tsx'
import { PAGE_ID, TopBar } from './features/shell/top-bar.tsx'
import type { View } from './features/shell/views.ts'
import { formatNumber } from './lib/format.ts'
import { openAlerts } from './store/alerts.ts'
import { useAlerts, useMarket, usePreferences, useStores } from './store/context.ts'
import { spotOf } from './store/market.ts'

/** How often the title follows the spot. */
const TITLE_MS = 2_000

export function App() {
  return (
    <ShownStores>
      <Page />
    </ShownStores>
  )
}

function Page() {
  const { preferences } = useStores()
  const isPast = useMarket(({ past }) => past !== null)
  const theme = usePreferences((state) => state.theme)
  const school = usePreferences((state) => state.school)
  const view = usePreferences((state) => state.view)
  const [open, setOpen] = useState<Dialogs>('none')
  const actions = useActions(setOpen)
  useKeyboard(view, actions.run)
  useEffect(() => {
    document.documentElement.dataset.theme = theme
    document.documentElement.dataset.school = school
  }, [theme, school])
  useTitle()
  useVisibility()
  const close = () => setOpen('none')
  return (
    <div className={isPast && !OF_NOW.includes(view) ? 'app past' : 'app'}>
      <FirstSteps onIndex={actions.selectIndex} />
      <Banner />
      <TopBar
        onIndex={actions.selectIndex}
        onExport={() => setOpen('export')}
        onDisplay={() => setOpen('display')}
        onHelp={() => setOpen('help')}
      />
      <div className="app-body">
        <Rail view={view} onView={(next) => preferences.setState({ view: next })} />
        <div className="app-page" id={PAGE_ID}>
          {view === 'chain' ? (
            <ChainView
              centreCount={actions.centreCount}
              onSelect={actions.selectLeg}
              onBucket={actions.selectBucket}
              onCentre={actions.centre}
              onColumns={() => setOpen('columns')}
            />
          ) : null}
          {view === 'greeks' || view === 'charts' ? <LateView view={view} onBucket={actions.selectBucket} /> : null}
          <LiveStores>
            {view === 'alerts' ? <AlertsView /> : null}
            {view === 'health' ? <HealthView /> : null}
            {view === 'settings' ? <SettingsView /> : null}
          </LiveStores>
        </div>
      </div>
      {isPast ? <HistoryBar /> : <AlertNotices />}
      {open === 'help' ? <Help onClose={close} /> : null}
      {open === 'columns' ? <ColumnChooser onClose={close} /> : null}
      {open === 'export' ? <ExportDialog onClose={close} /> : null}
      {open === 'display' ? <DisplaySettings onClose={close} /> : null}
    </div>
  )
}

/** The window's name says what it shows, also when only its tab is seen. */
function useTitle(): void {
  const index = useMarket((state) => state.selection.index)
  const second = useMarket((state) => (state.now === null ? null : Math.floor(state.now / TITLE_MS)))
  const link = useMarket((state) => state.link)
  const isPast = useMarket(({ past }) => past !== null)
  const open = useAlerts(openAlerts)
  const { market } = useStores()
  useEffect(() => {
    const news = open === 0 ? '' : `(${open}) `
    const { health } = market.store.getState()
    const mark = isPast
      ? 'HISTORY '
      : health?.source === 'replay'
        ? 'REPLAY '
        : health?.simulated === true
          ? 'SIM '
          : ''
    // A hidden page follows no chain: health alone knows the spot.
    const spot = spotOf(market.store.getState(), index)
    const price = second === null ? '' : ` ${formatNumber('price', spot)}`
    document.title = link === 'lost' ? 'Offline · OP Trading' : `${news}${mark}${index}${price} · OP Trading`
  }, [market, index, second, link, isPast, open])
}

/** Nobody sees a hidden tab, or a window in the tray: it costs no chain. */
function useVisibility(): void {
  const { market } = useStores()
  useEffect(() => {
    const onChange = () => market.setVisible(!document.hidden)
    onChange()
    document.addEventListener('visibilitychange', onChange)
    return () => document.removeEventListener('visibilitychange', onChange)
  }, [market])
}

/** Keys work everywhere but where something is typed and while a dialog is open. */
function useKeyboard(view: View, run: (command: Command) => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (isTaken(event) || document.querySelector('dialog[open]') !== null) return
      const command = commandOf(event, view)
      if (command === null) return
      event.preventDefault()
      run(command)
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [view, run])
}
