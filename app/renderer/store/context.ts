import { createContext, useContext } from 'react'
import { useStore } from 'zustand'
import type { StoreApi } from 'zustand/vanilla'
import { OpError } from '../../../core/kernel/errors.ts'
import type { DesktopClient } from '../client/desktop-client.ts'
import type { MonitorClient } from '../client/monitor-client.ts'
import type { AlertSound } from '../features/alerts/alert-sound.ts'
import type { HealthSample } from '../features/health/health-history.ts'
import type { Travel, TravelState } from '../features/history/travel.ts'
import type { SettingsForm } from '../features/settings/settings-form.ts'
import type { AlertsDesk, AlertsState } from './alerts.ts'
import type { ExportDesk } from './exports.ts'
import type { Market, MarketState } from './market.ts'
import type { Preferences } from './preferences.ts'

/** What `main.tsx` makes and every component may use. */
export interface Stores {
  readonly alerts: AlertsDesk
  readonly client: MonitorClient
  /** null in a browser. */
  readonly desktop: DesktopClient | null
  readonly exports: ExportDesk
  /** What is shown: the market of now, or an instant of the record while somebody travels. */
  readonly market: Market
  /** The market of now, whatever is shown. */
  readonly live: Market
  readonly travel: Travel
  readonly preferences: StoreApi<Preferences>
  readonly settings: SettingsForm
  readonly sound: AlertSound
  readonly history: StoreApi<readonly HealthSample[]>
}

export const StoresContext = createContext<Stores | null>(null)

export function useStores(): Stores {
  const stores = useContext(StoresContext)
  if (stores === null) throw new OpError('internal', {})
  return stores
}

/** A part of the market; the component is drawn again when that part changes. */
export function useMarket<Part>(select: (state: MarketState) => Part): Part {
  return useStore(useStores().market.store, select)
}

export function useTravel<Part>(select: (state: TravelState) => Part): Part {
  return useStore(useStores().travel.store, select)
}

export function useAlerts<Part>(select: (state: AlertsState) => Part): Part {
  return useStore(useStores().alerts.store, select)
}

export function usePreferences<Part>(select: (state: Preferences) => Part): Part {
  return useStore(useStores().preferences, select)
}
