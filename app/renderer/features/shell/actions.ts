import { useState } from 'react'
import type { IndexName } from '../../../../core/domain/index-catalog.ts'
import type { Bucket } from '../../../../core/domain/instrument.ts'
import { useStores } from '../../store/context.ts'
import { bucketOf } from '../../store/selection.ts'
import { SEARCH_ID } from '../chain/strike-search.tsx'
import { TIME_FIELD_ID } from '../history/time-field.tsx'
import type { Travel } from '../history/travel.ts'
import type { Command } from './keyboard.ts'

/** The dialog that is open. */
export type Dialogs = 'none' | 'help' | 'columns' | 'display' | 'export'

/** The leg that is chosen; the side stays as it is where it is left out. */
export interface ChosenLeg {
  readonly strike: number | null
  readonly side?: 'call' | 'put'
}

/** What buttons and keys do. */
export function useActions(setOpen: (open: Dialogs) => void) {
  const { market, preferences, travel } = useStores()
  const [centreCount, setCentreCount] = useState(0)
  const selectLeg = (leg: ChosenLeg) => preferences.setState(leg)
  const selectBucket = (bucket: Bucket) => {
    const { index } = market.store.getState().selection
    preferences.setState(({ buckets }) => ({ buckets: { ...buckets, [index]: bucket }, strike: null }))
    market.select({ index, bucket })
  }
  const selectIndex = (index: IndexName) => {
    preferences.setState({ index, strike: null })
    market.select({ index, bucket: bucketOf(index, preferences.getState(), market.store.getState().indices) })
  }
  const centre = () => {
    selectLeg({ strike: null })
    setCentreCount((count) => count + 1)
  }
  const moveExpiry = (by: number) => {
    const { expiries, selection } = market.store.getState()
    const list = expiries?.expiries ?? []
    const place = list.findIndex(({ buckets }) => buckets.includes(selection.bucket))
    const bucket = list[place + by]?.buckets[0]
    if (bucket !== undefined) selectBucket(bucket)
  }
  const moveStrike = (by: number) => {
    const { chain } = market.store.getState()
    const strikes = chain?.strikes ?? []
    const chosen = strikes.indexOf(preferences.getState().strike ?? Number.NaN)
    // The first key chooses the money, whichever way it points.
    const next = chosen < 0 && Math.abs(by) <= 10 ? strikes.indexOf(chain?.head.atm ?? 0) : chosen + by
    const strike = strikes[Math.min(Math.max(next, 0), strikes.length - 1)]
    if (strike !== undefined) selectLeg({ strike })
  }
  const run = (command: Command) => {
    switch (command.kind) {
      case 'index':
        return selectIndex(command.index)
      case 'expiry':
        return moveExpiry(command.by)
      case 'strike':
        return moveStrike(command.by)
      case 'side':
        return preferences.setState(({ side }) => ({ side: side === 'call' ? 'put' : 'call' }))
      case 'preset':
        return preferences.setState(({ preset }) => ({ preset: preset === 'price' ? 'greeks' : 'price' }))
      case 'view':
        return preferences.setState({ view: command.view })
      case 'search':
        return document.getElementById(SEARCH_ID)?.focus()
      case 'freeze':
        return travel.isAway() ? travel.togglePlay() : market.setFrozen(!market.store.getState().frozen)
      case 'history':
      case 'step':
      case 'live':
        return travelBy(travel, command)
      case 'centre':
        return centre()
      case 'deselect':
        return selectLeg({ strike: null })
      case 'columns':
      case 'help':
      case 'display':
      case 'export':
        return setOpen(command.kind)
    }
  }
  return { centreCount, selectLeg, selectBucket, selectIndex, centre, run }
}

type TravelCommand = Extract<Command, { readonly kind: 'history' | 'step' | 'live' }>

function travelBy(travel: Travel, command: TravelCommand): void {
  if (command.kind === 'live') travel.leave()
  else if (command.kind === 'step') travel.step(command.unit, command.by)
  else if (travel.isAway()) document.getElementById(TIME_FIELD_ID)?.focus()
  else travel.open()
}
