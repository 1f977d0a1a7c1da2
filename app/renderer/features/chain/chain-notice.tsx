import { istTime } from '../../../../core/domain/ist.ts'
import { formatTimeOfDay } from '../../lib/format.ts'
import { useMarket } from '../../store/context.ts'
import { NoPastChain, PastNotice } from '../history/past-notice.tsx'

const at = (time: number | null) => (time === null ? 'never' : `${istTime(time)} IST`)

const atOfDay = (time: number | null, now: number | null) =>
  time === null ? 'never' : `${formatTimeOfDay(time, now)} IST`

/** Says when what is shown is not the market of this moment. */
export function ChainNotice() {
  const isPast = useMarket(({ past }) => past !== null)
  const link = useMarket((state) => state.link)
  const frozen = useMarket((state) => state.frozen)
  const stale = useMarket((state) => state.chain?.head.stale ?? false)
  const isOver = useMarket(
    ({ health, chain }) => chain !== null && health?.market.phase.match(/pre_open|closed|holiday/) != null,
  )
  if (isPast) return <PastNotice />
  if (link === 'lost') return <Offline />
  if (frozen) return <Frozen />
  if (stale) return <Stale />
  return isOver ? <Closed /> : null
}

function Offline() {
  const asOf = useMarket((state) => state.asOf)
  const what = useMarket((state) => (state.chain === null ? 'last heard at' : 'prices as of'))
  return (
    <p className="notice bad" role="alert">
      <strong>Offline.</strong> The monitor does not answer; {what} {at(asOf)}. Trying again …
    </p>
  )
}

function Frozen() {
  const shownAt = useMarket((state) => state.chain?.head.time ?? null)
  return (
    <p className="notice hold" role="status">
      <strong>Frozen</strong> at {at(shownAt)}. The market goes on; Space lets it run.
    </p>
  )
}

function Stale() {
  const receivedAt = useMarket((state) => state.chain?.head.received_at ?? null)
  const now = useMarket((state) => state.now)
  return (
    <p className="notice warn" role="status">
      <strong>Stale.</strong> Prices as of {atOfDay(receivedAt, now)}: no packet of this chain for more than 10 s while
      options trade. Health says why.
    </p>
  )
}

function Closed() {
  const receivedAt = useMarket((state) => state.chain?.head.received_at ?? null)
  const now = useMarket((state) => state.now)
  const isBefore = useMarket(({ health }) => health?.market.phase === 'pre_open')
  return (
    <p className="notice calm" role="status">
      <strong>{isBefore ? 'Options do not trade yet.' : 'Market closed.'}</strong> Prices as of{' '}
      {atOfDay(receivedAt, now)}.
    </p>
  )
}

/** By code; the hints of the errors themselves speak to programs. */
const REMEDIES: Readonly<Record<string, string>> = {
  universe_unknown:
    'The exchange publishes the day’s list of contracts at about 08:30 IST; it is asked for again and again.',
  bucket_not_listed: 'Choose another expiry above.',
  index_not_collected: 'Choose another index above, or add this one under Settings (INDICES).',
}

/** In place of a chain: why there is none, and what to do. */
export function NoChain() {
  const unavailable = useMarket((state) => state.unavailable)
  const link = useMarket((state) => state.link)
  const { index, bucket } = useMarket((state) => state.selection)
  const isPast = useMarket(({ past }) => past !== null)
  if (isPast) return <NoPastChain />
  if (link === 'lost') {
    return (
      <div className="waiting bad" role="status">
        <h2>The monitor does not answer</h2>
        <p>Start it with npm start; this page connects by itself.</p>
      </div>
    )
  }
  if (unavailable !== null) {
    return (
      <div className="waiting warn" role="status">
        <h2>No chain of {index} yet</h2>
        <p>{unavailable.message}.</p>
        <p className="hint">{REMEDIES[unavailable.code] ?? 'Health (H) says what the monitor waits for.'}</p>
      </div>
    )
  }
  return (
    <div className="waiting" role="status" aria-busy="true">
      <i className="spinner" aria-hidden="true" />
      <h2>
        Loading {index}, {bucket.replace('_', ' ')} …
      </h2>
      <p>The chain appears with its first packets.</p>
    </div>
  )
}
