import type { ReactNode } from 'react'
import type { ChainData } from '../../store/chain-data.ts'
import { useMarket } from '../../store/context.ts'
import { Num } from '../../ui/num.tsx'

interface FactProps {
  readonly label: string
  readonly title?: string
  readonly children: ReactNode
}

function Fact({ label, title, children }: FactProps) {
  return (
    <div className="fact" title={title}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

const METHODS = { parity: 'parity', future: 'future', spot_carry: 'spot+carry' } as const

/** What the whole chain says, in one line. */
export function HeaderStrip() {
  return (
    <dl className="header-strip" aria-label="The chain at a glance">
      <Underlyings />
      <Metrics />
    </dl>
  )
}

function Underlyings() {
  const head = useMarket(({ chain }) => chain?.head ?? null)
  return (
    <>
      <Fact
        label="Spot"
        title={head?.spot_frozen ? 'The index is not computed now: its last value' : 'Index, last value'}
      >
        <Num kind="price" value={head?.spot ?? null} />
        {head?.spot_frozen ? <span className="tag warn">frozen</span> : null}
      </Fact>
      <Fact label="Future" title="Future that expires with the chain or next after it">
        <Num kind="price" value={head?.future ?? null} />
      </Fact>
      <Fact label="Forward" title={forwardTitle(head)}>
        <Num kind="price" value={head?.forward.value ?? null} />
        {head?.forward.method == null ? null : <span className="tag">{METHODS[head.forward.method]}</span>}
      </Fact>
      <Fact label="VIX" title="India VIX">
        <Num kind="price" value={head?.vix ?? null} />
      </Fact>
    </>
  )
}

function Metrics() {
  const metrics = useMarket(({ chain }) => chain?.metrics ?? null)
  const lotSize = useMarket(({ chain }) => chain?.lotSize ?? null)
  const { window, full } = metrics ?? { window: null, full: null }
  return (
    <>
      <Fact label="ATM IV" title="Implied volatility at the money, percent a year">
        <Num kind="iv" value={metrics?.atm_iv ?? null} unit="%" />
      </Fact>
      <Fact label="Fwd straddle" title="Call and put struck at the forward, between the listed strikes: rupees">
        <Num kind="price" value={metrics?.straddle ?? null} />
      </Fact>
      <Fact label="Exp. move" title="Move until expiry that the straddle pays for, points and share of the spot">
        <ExpectedMove />
      </Fact>
      <Fact label="Skew 25Δ" title="IV of the put less that of the call at 25 delta, points">
        <Num kind="iv" value={metrics?.skew_25d ?? null} />
      </Fact>
      <Fact label="PCR near/all" title="Open interest of puts to that of calls: strikes around the ATM / whole chain">
        <Num kind="ratio" value={window?.pcr_oi ?? null} />
        <span className="of">/</span>
        <Num kind="ratio" value={full?.pcr_oi ?? null} />
      </Fact>
      <Fact
        label="Max pain near/all"
        title="Settlement at which options pay least: strikes around the ATM / whole chain"
      >
        <Num kind="strike" value={window?.max_pain ?? null} />
        <span className="of">/</span>
        <Num kind="strike" value={full?.max_pain ?? null} />
      </Fact>
      <Fact label="Lot" title="Units in a lot of this expiry">
        <Num kind="integer" value={lotSize} />
      </Fact>
    </>
  )
}

function forwardTitle(head: ChainData['head'] | null): string {
  if (head === null || head.forward.age_ms === null) return 'Forward of the expiry'
  return `Forward of the expiry, ${(head.forward.age_ms / 1000).toFixed(1)} s old; ATM is the listed strike nearest to it`
}

function ExpectedMove() {
  const move = useMarket(({ chain }) => chain?.metrics?.expected_move ?? null)
  const spot = useMarket(({ chain }) => chain?.head.spot ?? null)
  return (
    <>
      {move === null ? null : <span className="of">±</span>}
      <Num kind="price" value={move} />
      {move === null || spot === null ? null : (
        <span className="tag plain">
          <Num kind="percent" value={move / spot} />
        </span>
      )}
    </>
  )
}
