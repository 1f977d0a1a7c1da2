import { useEffect, useState } from 'react'
import type { IndexName } from '../../core/domain/index-catalog.ts'
import type { Bucket } from '../../core/domain/instrument.ts'
import { AlertsView } from './features/alerts/alerts-view.tsx'
import { ChainView } from './features/chain/chain-view.tsx'
import { ColumnChooser } from './features/chain/column-chooser.tsx'
import { SEARCH_ID } from './features/chain/strike-search.tsx'
import { ChartsView } from './features/charts/charts-view.tsx'
import { GreeksView } from './features/greeks/greeks-view.tsx'
import { HealthView } from './features/health/health-view.tsx'
import { SettingsView } from './features/settings/settings-view.tsx'
import { Banner } from './features/shell/banner.tsx'
import { DisplaySettings } from './features/shell/display-settings.tsx'
import { Help } from './features/shell/help.tsx'
import { type Command, commandOf } from './features/shell/keyboard.ts'
import { Rail } from './features/shell/rail.tsx'
import { TopBar } from './features/shell/top-bar.tsx'
import { formatNumber } from './lib/format.ts'
import { useMarket, usePreferences, useStores } from './store/context.ts'

/** How often the title follows the spot. */
const TITLE_MS = 2_000

type Open = 'none' | 'help' | 'columns' | 'display'

export function App() {
  const { preferences } = useStores()
  const theme = usePreferences((state) => state.theme)
  const school = usePreferences((state) => state.school)
  const view = usePreferences((state) => state.view)
  const [open, setOpen] = useState<Open>('none')
  const { strike, centreCount, ...actions } = useActions(setOpen)
  useKeyboard(actions.run)
  useEffect(() => {
    document.documentElement.dataset.theme = theme
    document.documentElement.dataset.school = school
  }, [theme, school])
  useTitle()
  const close = () => setOpen('none')
  return (
    <div className="app">
      <Banner />
      <TopBar onIndex={actions.selectIndex} onDisplay={() => setOpen('display')} onHelp={() => setOpen('help')} />
      <div className="app-body">
        <Rail view={view} onView={(next) => preferences.setState({ view: next })} />
        <div className="app-page">
          {view === 'chain' ? (
            <ChainView
              selectedStrike={strike}
              centreCount={centreCount}
              onSelectStrike={actions.selectStrike}
              onBucket={actions.selectBucket}
              onCentre={actions.centre}
              onColumns={() => setOpen('columns')}
            />
          ) : null}
          {view === 'greeks' ? <GreeksView onBucket={actions.selectBucket} /> : null}
          {view === 'charts' ? <ChartsView onBucket={actions.selectBucket} /> : null}
          {view === 'alerts' ? <AlertsView /> : null}
          {view === 'health' ? <HealthView /> : null}
          {view === 'settings' ? <SettingsView /> : null}
        </div>
      </div>
      {open === 'help' ? <Help onClose={close} /> : null}
      {open === 'columns' ? <ColumnChooser onClose={close} /> : null}
      {open === 'display' ? <DisplaySettings onClose={close} /> : null}
    </div>
  )
}

/** The window's name says what it shows, also when only its tab is seen. */
function useTitle(): void {
  const index = useMarket((state) => state.selection.index)
  const second = useMarket((state) => (state.now === null ? null : Math.floor(state.now / TITLE_MS)))
  const { market } = useStores()
  useEffect(() => {
    const { chain, health, link } = market.store.getState()
    const mark = health?.simulated === true ? 'SIM ' : ''
    const spot = second === null ? '' : ` ${formatNumber('price', chain?.head.spot ?? null)}`
    document.title = link === 'lost' ? 'Offline · OP Trading' : `${mark}${index}${spot} · OP Trading`
  }, [market, index, second])
}

/** What buttons and keys do. */
function useActions(setOpen: (open: Open) => void) {
  const { market, preferences } = useStores()
  const [strike, setStrike] = useState<number | null>(null)
  const [centreCount, setCentreCount] = useState(0)
  const selectBucket = (bucket: Bucket) => {
    setStrike(null)
    preferences.setState({ bucket })
    market.select({ ...market.store.getState().selection, bucket })
  }
  const selectIndex = (index: IndexName) => {
    setStrike(null)
    const buckets = market.store.getState().indices?.indices.find((entry) => entry.index === index)?.buckets ?? {}
    const { bucket } = market.store.getState().selection
    // An index without weekly expiries begins with its month.
    const next = bucket in buckets || Object.keys(buckets).length === 0 ? bucket : 'this_month'
    preferences.setState({ index, bucket: next })
    market.select({ index, bucket: next })
  }
  const centre = () => {
    setStrike(null)
    setCentreCount((count) => count + 1)
  }
  const run = (command: Command) => {
    const { frozen, expiries, selection, chain } = market.store.getState()
    switch (command.kind) {
      case 'index':
        return selectIndex(command.index)
      case 'expiry': {
        const list = expiries?.expiries ?? []
        const place = list.findIndex(({ buckets }) => buckets.includes(selection.bucket))
        const bucket = list[place + command.by]?.buckets[0]
        return bucket === undefined ? undefined : selectBucket(bucket)
      }
      case 'strike': {
        const strikes = chain?.strikes ?? []
        const place = strikes.indexOf(strike ?? chain?.head.atm ?? 0)
        return setStrike(strikes[strike === null ? place : place + command.by] ?? strike)
      }
      case 'preset':
        return preferences.setState(({ preset }) => ({ preset: preset === 'price' ? 'greeks' : 'price' }))
      case 'view':
        return preferences.setState({ view: command.view })
      case 'search':
        return document.getElementById(SEARCH_ID)?.focus()
      case 'freeze':
        return market.setFrozen(!frozen)
      case 'centre':
        return centre()
      case 'deselect':
        return setStrike(null)
      case 'columns':
      case 'help':
      case 'display':
        return setOpen(command.kind)
    }
  }
  return { strike, centreCount, selectStrike: setStrike, selectBucket, selectIndex, centre, run }
}

/** Keys work everywhere but where something is typed and while a dialog is open. */
function useKeyboard(run: (command: Command) => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const { target } = event
      if (target instanceof HTMLInputElement || document.querySelector('dialog[open]') !== null) return
      const command = commandOf(event)
      if (command === null) return
      // On a button that the keyboard has reached, Space presses it; after a click with the mouse it freezes.
      if (command.kind === 'freeze' && target instanceof HTMLButtonElement && target.matches(':focus-visible')) return
      event.preventDefault()
      run(command)
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [run])
}
