import { useCallback, useMemo, useState } from 'react'
import type { Bucket } from '../../../../core/domain/instrument.ts'
import { formatNumber } from '../../lib/format.ts'
import { useMarket, usePreferences, useStores } from '../../store/context.ts'
import { Choice } from '../../ui/choice.tsx'
import { useLiveState } from '../charts/chain-state.ts'
import type { ChosenLeg } from '../shell/actions.ts'
import { ChainNotice, NoChain } from './chain-notice.tsx'
import { ChainTable } from './chain-table.tsx'
import { ExpiryTabs } from './expiry-tabs.tsx'
import { HeaderStrip } from './header-strip.tsx'
import { LegInspector } from './leg-inspector.tsx'
import { StrikeSearch } from './strike-search.tsx'

interface ChainViewProps {
  readonly centreCount: number
  readonly onSelect: (leg: ChosenLeg) => void
  readonly onBucket: (bucket: Bucket) => void
  readonly onCentre: () => void
  readonly onColumns: () => void
}

/** One option chain. */
export function ChainView({ centreCount, onSelect, onBucket, onCentre, onColumns }: ChainViewProps) {
  const { slot, chosen, setHovered } = useInspected()
  const selectedStrike = usePreferences((preferences) => preferences.strike)
  const state = useLiveState()
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
          <StrikeSearch onFound={(strike) => onSelect({ strike })} />
        </div>
      </div>
      <HeaderStrip />
      <ChainNotice />
      {state === 'none' ? (
        <NoChain />
      ) : (
        <ChainTable
          selectedStrike={selectedStrike}
          centreCount={centreCount}
          onHover={setHovered}
          onSelect={onSelect}
        />
      )}
      <LegInspector slot={slot} />
      <ChosenLegVoice slot={chosen} />
    </main>
  )
}

/** Slot of the leg under the pointer, else of the chosen one. A key that chooses another leg wins over the pointer. */
function useInspected() {
  const strike = usePreferences((preferences) => preferences.strike)
  const side = usePreferences((preferences) => preferences.side)
  const place = useMarket(({ chain }) => (strike === null ? -1 : (chain?.strikes.indexOf(strike) ?? -1)))
  const chosen = place < 0 ? null : 2 * place + (side === 'call' ? 0 : 1)
  const [hover, setHover] = useState<{ readonly slot: number | null; readonly chosen: number | null } | null>(null)
  const setHovered = useCallback((slot: number | null) => setHover({ slot, chosen }), [chosen])
  const slot = hover !== null && hover.chosen === chosen ? (hover.slot ?? chosen) : chosen
  return { slot, chosen, setHovered }
}

/** Says the chosen leg to a screen reader: once when it is chosen, and not again with every tick. */
function ChosenLegVoice({ slot }: { readonly slot: number | null }) {
  const { market } = useStores()
  const text = useMemo(() => {
    const { chain } = market.store.getState()
    const leg = slot === null ? null : chain?.legs[slot]
    if (slot === null || chain === null) return ''
    const name = `${chain.strikes[slot >> 1]} ${slot % 2 === 0 ? 'call' : 'put'}`
    if (leg == null) return `${name}, no price`
    return `${name}, last ${formatNumber('price', leg.ltp)}, IV ${formatNumber('iv', leg.iv)} percent`
  }, [market, slot])
  return (
    <p className="visually-hidden" aria-live="polite">
      {text}
    </p>
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
