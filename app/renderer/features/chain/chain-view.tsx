import { useState } from 'react'
import type { Bucket } from '../../../../core/domain/instrument.ts'
import { istTime } from '../../../../core/domain/ist.ts'
import { useMarket, usePreferences, useStores } from '../../store/context.ts'
import { Choice } from '../../ui/choice.tsx'
import { ChainTable } from './chain-table.tsx'
import { ExpiryTabs } from './expiry-tabs.tsx'
import { HeaderStrip } from './header-strip.tsx'
import { LegInspector } from './leg-inspector.tsx'
import { StrikeSearch } from './strike-search.tsx'

interface ChainViewProps {
  readonly selectedStrike: number | null
  readonly centreCount: number
  readonly onSelectStrike: (strike: number | null) => void
  readonly onBucket: (bucket: Bucket) => void
  readonly onCentre: () => void
  readonly onColumns: () => void
}

/** One option chain, live. */
export function ChainView(props: ChainViewProps) {
  const { selectedStrike, centreCount, onSelectStrike, onBucket, onCentre, onColumns } = props
  const [hovered, setHovered] = useState<number | null>(null)
  const place = useMarket(({ chain }) =>
    selectedStrike === null ? -1 : (chain?.strikes.indexOf(selectedStrike) ?? -1),
  )
  const state = useMarket(({ chain, link, frozen }) => {
    if (chain === null) return 'none'
    if (link === 'lost') return 'lost'
    return frozen ? 'frozen' : chain.head.stale ? 'stale' : 'live'
  })
  return (
    <main className={`chain-view ${state}`} aria-label="Option chain">
      <div className="toolbar">
        <ExpiryTabs onSelect={onBucket} />
        <div className="tools">
          <PresetChoice />
          <UnitsChoice />
          <button type="button" onClick={onColumns} title="Choose columns (C)">
            Columns
          </button>
          <button type="button" onClick={onCentre} title="Back to ATM (B)">
            ATM
          </button>
          <StrikeSearch onFound={onSelectStrike} />
        </div>
      </div>
      <HeaderStrip />
      <Notice />
      {state === 'none' ? (
        <Waiting />
      ) : (
        <ChainTable
          selectedStrike={selectedStrike}
          centreCount={centreCount}
          onHover={setHovered}
          onSelect={onSelectStrike}
        />
      )}
      <LegInspector slot={hovered ?? (place < 0 ? null : 2 * place)} />
    </main>
  )
}

function PresetChoice() {
  const { preferences } = useStores()
  const preset = usePreferences((state) => state.preset)
  return (
    <Choice
      label="Columns shown"
      value={preset}
      options={[
        ['price', 'Price', 'Prices and open interest (G)'],
        ['greeks', 'Greeks', 'IV and Greeks (G)'],
      ]}
      onChange={(value) => preferences.setState({ preset: value })}
    />
  )
}

function UnitsChoice() {
  const { preferences } = useStores()
  const units = usePreferences((state) => state.units)
  return (
    <Choice
      label="Unit of quantities"
      value={units}
      options={[
        ['lots', 'Lots', 'Volume and open interest in lots'],
        ['quantity', 'Qty', 'Volume and open interest in units'],
      ]}
      onChange={(value) => preferences.setState({ units: value })}
    />
  )
}

/** Says when what is shown is not the market of this moment. */
function Notice() {
  const asOf = useMarket((state) => state.asOf)
  const link = useMarket((state) => state.link)
  const frozen = useMarket((state) => state.frozen)
  const stale = useMarket((state) => state.chain?.head.stale ?? false)
  const shownAt = useMarket((state) => (state.frozen ? (state.chain?.head.time ?? null) : null))
  const what = useMarket((state) => (state.chain === null ? 'last heard at' : 'prices as of'))
  const at = (time: number | null) => (time === null ? 'never' : `${istTime(time)} IST`)
  if (link === 'lost') {
    return (
      <p className="notice bad" role="alert">
        <strong>Offline.</strong> The monitor does not answer; {what} {at(asOf)}. Trying again …
      </p>
    )
  }
  if (frozen) {
    return (
      <p className="notice hold" role="status">
        <strong>Frozen</strong> at {at(shownAt)}. The market goes on; Space lets it run.
      </p>
    )
  }
  if (!stale) return null
  return (
    <p className="notice warn" role="status">
      <strong>Stale.</strong> No packet of this chain for more than 10 s while options trade; Health says why.
    </p>
  )
}

/** In place of a chain. */
function Waiting() {
  const unavailable = useMarket((state) => state.unavailable)
  const link = useMarket((state) => state.link)
  const { index, bucket } = useMarket((state) => state.selection)
  if (unavailable !== null) {
    return (
      <div className="waiting" role="status">
        <h2>No chain of {index} yet</h2>
        <p>{unavailable.message}.</p>
      </div>
    )
  }
  return (
    <div className="waiting" role="status" aria-busy={link !== 'lost'}>
      <h2>{link === 'lost' ? 'The monitor does not answer' : `Loading ${index}, ${bucket.replace('_', ' ')} …`}</h2>
      <p>
        {link === 'lost'
          ? 'Start it with npm start; this page connects by itself.'
          : 'The chain appears with its first packets.'}
      </p>
    </div>
  )
}
