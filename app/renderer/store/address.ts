import type { StoreApi } from 'zustand/vanilla'
import { INDEX_NAMES, type IndexName } from '../../../core/domain/index-catalog.ts'
import { BUCKETS, type Bucket } from '../../../core/domain/instrument.ts'
import { VIEWS, type View } from '../features/shell/views.ts'
import type { Market } from './market.ts'
import type { Preferences } from './preferences.ts'
import { bucketOf } from './selection.ts'

/** What the address of the page names: `#/chain/NIFTY/this_week`. Parts may be left out from the end. */
export interface Place {
  readonly view: View
  readonly index: IndexName
  readonly bucket: Bucket
}

export function writePlace({ view, index, bucket }: Place): string {
  return `#/${view}/${index}/${bucket}`
}

/** What can be read of an address, in capitals or not; nothing of what comes after a part that nobody knows. */
export function readPlace(hash: string): Partial<Place> {
  const [view, index, bucket] = hash.replace(/^#\/?/, '').split('/')
  const place: { -readonly [Part in keyof Place]?: Place[Part] } = {}
  const [known] = VIEWS.filter((name) => name === view?.toLowerCase())
  if (known === undefined) return place
  place.view = known
  const [named] = INDEX_NAMES.filter((name) => name === index?.toUpperCase())
  if (named === undefined) return place
  place.index = named
  const [listed] = BUCKETS.filter((name) => name === bucket?.toLowerCase())
  return listed === undefined ? place : { ...place, bucket: listed }
}

/** Takes over what an address names; an index without a bucket comes with the one chosen for it. */
export function adoptPlace(hash: string, preferences: StoreApi<Preferences>): void {
  const { view, index, bucket } = readPlace(hash)
  preferences.setState((before) => ({
    view: view ?? before.view,
    ...(index === undefined || index === before.index ? {} : { index, strike: null }),
    ...(index === undefined || bucket === undefined ? {} : { buckets: { ...before.buckets, [index]: bucket } }),
  }))
}

type Page = Pick<Window, 'location' | 'history' | 'addEventListener'>

/**
 * The address follows what is shown, and what is shown follows Back, Forward and an address that is typed. Each choice
 * of the user is a step of the history; a chain that could not be had, and gave its place to another, is none.
 */
export function followAddress(page: Page, preferences: StoreApi<Preferences>, market: Market): void {
  const { location, history } = page
  let isFollowing = false
  const chosen = (): Place => {
    const { view, index } = preferences.getState()
    return { view, index, bucket: bucketOf(index, preferences.getState(), market.store.getState().indices) }
  }
  const shown = (): Place => ({ view: preferences.getState().view, ...market.store.getState().selection })
  const replace = (place: Place) => {
    if (writePlace(place) !== location.hash) history.replaceState(null, '', writePlace(place))
  }
  replace(shown())
  preferences.subscribe(({ view, index, buckets }, before) => {
    const isSame = view === before.view && index === before.index && buckets[index] === before.buckets[index]
    if (!isSame && !isFollowing && writePlace(chosen()) !== location.hash)
      history.pushState(null, '', writePlace(chosen()))
  })
  market.store.subscribe(({ selection }, before) => {
    if (selection !== before.selection) replace(shown())
  })
  page.addEventListener('popstate', () => {
    isFollowing = true
    adoptPlace(location.hash, preferences)
    isFollowing = false
    const { index, bucket } = chosen()
    market.select({ index, bucket })
    replace(shown())
  })
}
