import { formatNumber } from '../../lib/format.ts'
import { momentText } from '../../lib/time-axis.ts'
import { useMarket, useTravel } from '../../store/context.ts'
import type { MarketState } from '../../store/market.ts'
import { CAUSE_NAMES } from '../charts/day-lines.ts'
import { type DayTrack, type Hole, holeAt } from './day-track.ts'

/** What of the shown instant is on record, and what is not. */
export function PastNotice() {
  const track = useTravel((state) => state.track)
  const at = useMarket(({ now }) => now)
  const index = useMarket(({ selection }) => selection.index)
  const words = useMarket(strikesText)
  const staleSince = useMarket(({ chain }) => (chain?.head.stale === true ? chain.head.received_at : null))
  const hole = track === null || at === null ? null : holeAt(track, at)
  if (hole !== null && track !== null) {
    return (
      <p className="notice warn">
        <strong>Not recorded.</strong> {holeText(hole, index, track)} What is not on record is a dash.
      </p>
    )
  }
  if (staleSince !== null) {
    return (
      <p className="notice warn">
        <strong>Stale.</strong> At this instant the last packet of the chain was of {momentText(staleSince)}.
      </p>
    )
  }
  return words === '' ? null : <p className="notice calm">{words}</p>
}

function holeText(hole: Hole, index: string, { date }: DayTrack): string {
  switch (hole.kind) {
    case 'empty':
      return `The record has nothing of ${index} on ${date}.`
    case 'before':
      return `The record of this day begins at ${momentText(hole.from)}.`
    case 'after':
      return `The record of this day ends at ${momentText(hole.to)}.`
    case 'gap':
      return `From ${momentText(hole.from)} to ${momentText(hole.to)} ${CAUSE_NAMES[hole.cause]}.`
  }
}

/** Which of the listed strikes were recorded; empty when all were. */
function strikesText({ chain }: MarketState): string {
  if (chain === null) return ''
  const known = chain.strikes.filter((_, k) => chain.legs[2 * k] != null || chain.legs[2 * k + 1] != null)
  const [first] = known
  const last = known.at(-1)
  if (first === undefined || last === undefined || known.length === chain.strikes.length) return ''
  const [from, to] = [formatNumber('strike', first), formatNumber('strike', last)]
  return `Recorded at this instant: strikes ${from} to ${to}. The others were outside the recorded window, and are dashes.`
}

/** In place of a chain of the past. */
export function NoPastChain() {
  const fault = useTravel((state) => state.fault)
  const { index } = useMarket((state) => state.selection)
  if (fault === null) {
    return (
      <div className="waiting" role="status" aria-busy="true">
        <i className="spinner" aria-hidden="true" />
        <h2>Reading the record of {index} …</h2>
        <p className="hint late">
          A day of the archive is unpacked and verified first; a large one takes a minute or two, once. L goes back to
          live.
        </p>
      </div>
    )
  }
  return (
    <div className="waiting warn" role="status">
      <h2>No chain of {index} at this instant</h2>
      <p>{fault.message}</p>
      <p className="hint">Choose another day, time or index below, or go back to live with L.</p>
    </div>
  )
}
