import { useMemo, useState } from 'react'
import type { Bucket } from '../../../../core/domain/instrument.ts'
import { useMarket, usePreferences, useStores } from '../../store/context.ts'
import { Choice } from '../../ui/choice.tsx'
import { ScrollRegion } from '../../ui/scroll-region.tsx'
import { useTextScale } from '../../ui/use-text-scale.ts'
import { ChainNotice, NoChain } from '../chain/chain-notice.tsx'
import { ExpiryTabs } from '../chain/expiry-tabs.tsx'
import { LegInspector } from '../chain/leg-inspector.tsx'
import { useChainName, useEscape, useLiveState } from '../charts/chain-state.ts'
import { type Desk, DeskContext } from '../charts/desk.ts'
import { ReachChoice } from '../charts/reach-choice.tsx'
import { SampledChain } from '../charts/sampled-chain.tsx'
import { DecayCard } from './decay-card.tsx'
import { GreeksTable } from './greeks-table.tsx'
import { PositionCard } from './position-card.tsx'
import { PROFILES, ProfileCard } from './profile-card.tsx'

/** Greeks of one chain: leg by leg, of the ATM straddle and of all open options, and by strike. */
export function GreeksView({ onBucket }: { readonly onBucket: (bucket: Bucket) => void }) {
  const [hovered, setHovered] = useState<number | null>(null)
  const [maximised, setMaximised] = useState<string | null>(null)
  const name = useChainName()
  const state = useLiveState()
  const scale = useTextScale()
  const units = usePreferences((preferences) => preferences.units)
  // Where nothing is pointed at, the call at the money shows where its numbers come from.
  const atmSlot = useMarket(({ chain }) => (chain?.head.atm == null ? null : 2 * chain.strikes.indexOf(chain.head.atm)))
  const lotSize = useMarket(({ chain }) => chain?.lotSize ?? 1)
  const lot = units === 'lots' ? lotSize : 1
  useEscape(maximised !== null, () => setMaximised(null))
  const desk = useMemo<Desk>(() => ({ name, maximised, setMaximised }), [name, maximised])
  return (
    <main className={`greeks-view ${state}`} aria-label="Greeks">
      <div className="toolbar">
        <ExpiryTabs onSelect={onBucket} />
        <div className="tools">
          <PerChoice />
          <ReachChoice />
        </div>
      </div>
      <ChainNotice />
      {state === 'none' ? (
        <NoChain />
      ) : (
        <DeskContext value={desk}>
          <div className={`greeks-body${maximised === null ? '' : ' one'}`}>
            {maximised === null ? <GreeksTable lot={lot} scale={scale} onHover={setHovered} /> : null}
            <Aside lot={lot} isOne={maximised !== null} />
          </div>
        </DeskContext>
      )}
      <LegInspector slot={hovered ?? atmSlot} />
    </main>
  )
}

function Aside({ lot, isOne }: { readonly lot: number; readonly isOne: boolean }) {
  const reach = usePreferences((preferences) => preferences.chartReach)
  return (
    <ScrollRegion className="greeks-aside" label="Exposure, straddle and profiles">
      {isOne ? null : <SampledChain turn={0}>{(chain) => <PositionCard chain={chain} lot={lot} />}</SampledChain>}
      <SampledChain turn={0}>{(chain) => <DecayCard chain={chain} lot={lot} />}</SampledChain>
      {PROFILES.map((profile, place) => (
        <SampledChain key={profile.greek} turn={1 + place}>
          {(chain) => <ProfileCard profile={profile} chain={chain} reach={reach} lot={lot} />}
        </SampledChain>
      ))}
    </ScrollRegion>
  )
}

function PerChoice() {
  const { preferences } = useStores()
  const units = usePreferences((state) => state.units)
  return (
    <Choice
      label="Greeks are shown"
      value={units}
      options={[
        ['lots', 'Per lot', 'Greeks of one lot'],
        ['quantity', 'Per unit', 'Greeks of one unit of the underlying'],
      ]}
      onChange={(value) => preferences.setState({ units: value })}
    />
  )
}
