import { memo, type ReactNode } from 'react'
import { yearsTo } from '../../../../core/pricing/time.ts'
import { formatNumber, type NumberKind } from '../../lib/format.ts'
import { momentText } from '../../lib/time-axis.ts'
import type { ChainData } from '../../store/chain-data.ts'
import { Num } from '../../ui/num.tsx'
import { netExposure } from '../charts/exposure.ts'
import { isLastDay } from './decay-left.ts'
import { MoveScale } from './move-scale.tsx'
import { straddleDecay, straddleGreeks } from './straddle.ts'

interface PositionCardProps {
  readonly chain: ChainData
  readonly lot: number
}

const METHODS = { parity: 'put-call parity', future: 'the future', spot_carry: 'spot and carry' } as const

/** What all open options and the ATM straddle amount to, and where the numbers come from. */
export const PositionCard = memo(function PositionCard({ chain, lot }: PositionCardProps) {
  const { gex, dex } = netExposure(chain)
  const straddle = straddleGreeks(chain)
  const { metrics } = chain
  const times = (value: number | null | undefined) => (value == null ? null : value * lot)
  const per = lot === 1 ? 'per unit' : `per lot of ${lot}`
  return (
    <section className="position-card" aria-label="Exposure and ATM straddle">
      <dl className="figures">
        <Figure label="Net GEX, per 1 %" title="Σ γ·OI·S²·1 %, calls positive, puts negative, whole chain">
          <Money kind="quantity" value={gex} />
        </Figure>
        <Figure label="Net DEX" title="Σ δ·OI·S of the whole chain: what holders of open options are long">
          <Money kind="quantity" value={dex} />
        </Figure>
        <Figure label="ATM IV">
          <Num kind="iv" value={metrics?.atm_iv ?? null} unit="%" />
        </Figure>
        <Figure label="Fwd straddle" title={`Call and put struck at the forward, ${per}`}>
          <Money kind="price" value={times(metrics?.straddle)} />
        </Figure>
      </dl>
      <h3>
        ATM straddle {formatNumber('strike', straddle?.strike ?? null)} <small>{per}</small>
      </h3>
      <dl className="figures">
        <Figure label="Delta">
          <Num kind={lot === 1 ? 'delta' : 'ratio'} value={times(straddle?.delta)} />
        </Figure>
        <Figure label="Gamma, per 1 %" title="Change of delta when the spot moves by 1 %">
          <Num kind={lot === 1 ? 'delta' : 'ratio'} value={times(straddle?.gammaPercent)} />
        </Figure>
        <Figure label={isLastDay(chain) ? 'Theta, a day*' : 'Theta, a day'} title="Rupees a calendar day">
          <Money kind="theta" value={times(straddle?.theta)} />
        </Figure>
        <Figure label="Vega, a point" title="Rupees per 1 point of volatility">
          <Money kind="vega" value={times(straddle?.vega)} />
        </Figure>
      </dl>
      <LeftToDecay chain={chain} lot={lot} />
      <MoveScale chain={chain} />
      <Provenance chain={chain} />
    </section>
  )
})

interface FigureProps {
  readonly label: string
  readonly title?: string
  readonly children: ReactNode
}

function Figure({ label, title, children }: FigureProps) {
  return (
    <div title={title}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** Rupees; large amounts in lakh and crore. */
function Money({ kind, value }: { readonly kind: NumberKind; readonly value: number | null }) {
  if (value === null) return <Num kind={kind} value={null} />
  return <span className="num">₹ {formatNumber(kind, value, 'short')}</span>
}

/** On the last day theta is a pace that does not last: what can be lost, and by when. */
function LeftToDecay({ chain, lot }: PositionCardProps) {
  if (!isLastDay(chain)) return null
  const decay = straddleDecay(chain)
  const [now, end] = [decay[0]?.value ?? null, decay.at(-1)?.value ?? null]
  const left = now === null || end === null ? null : (now - end) * lot
  return (
    <p className="last-day figures">
      * Theta is a pace per calendar day; {formatNumber('seconds', (chain.settlesAt - chain.head.time) / 1000)} are
      left. Until the settlement the straddle decays by <strong>₹ {formatNumber('price', left)}</strong> if forward and
      IV stay.
    </p>
  )
}

/** Method, forward, T and r behind the Greeks. */
function Provenance({ chain }: { readonly chain: ChainData }) {
  const { forward, time } = chain.head
  const years = yearsTo(chain.settlesAt, time)
  const age = forward.age_ms === null ? '' : `, ${formatNumber('seconds', forward.age_ms / 1000)} old`
  return (
    <p className="provenance figures">
      Black-76 on the forward {formatNumber('price', forward.value)}
      {forward.method === null ? '' : ` by ${METHODS[forward.method]}`}
      {age} · T {years.toFixed(5)} y to {momentText(chain.settlesAt)} · r{' '}
      {formatNumber('iv', chain.metrics?.rate ?? null)} %
    </p>
  )
}
