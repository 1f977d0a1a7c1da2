import type { ReactNode } from 'react'
import { istTime } from '../../../../core/domain/ist.ts'
import { pricedFrom, priceTime } from '../../../../core/domain/price-time.ts'
import { formatTimeOfDay } from '../../lib/format.ts'
import type { ChainData } from '../../store/chain-data.ts'
import { useMarket } from '../../store/context.ts'
import { Num } from '../../ui/num.tsx'
import { LegAlertButton } from '../alerts/leg-alert-button.tsx'
import { decayLeft, isLastDay } from '../greeks/decay-left.ts'
import { columnOf } from './columns.ts'

const YEAR_MS = 365 * 86_400_000

const USED = { mid: 'mid', last: 'last trade', twin: 'OTM twin' } as const
const METHODS = { parity: 'parity', future: 'future', spot_carry: 'spot + carry' } as const

/** Where the numbers of the leg under the pointer, or of the chosen strike, come from. */
export function LegInspector({ slot }: { readonly slot: number | null }) {
  const leg = useMarket(({ chain }) => (slot === null ? null : (chain?.legs[slot] ?? null)))
  const symbol = useMarket(({ chain }) => (slot === null ? null : (chain?.symbols[slot] ?? null)))
  const chain = useMarket((state) => (leg === null ? null : state.chain))
  const now = useMarket((state) => (leg === null ? null : state.now))
  if (leg === null || chain === null) {
    return (
      <div className="inspector idle">
        Point at a leg, or choose a strike with ↑ ↓ and its side with P: price, age and model stand here.
      </div>
    )
  }
  const { forward } = chain.head
  const status = columnOf('iv_status')
  return (
    <div className="inspector" data-testid="inspector">
      <strong>{symbol}</strong>
      {slot === null ? null : <LegAlertButton slot={slot} />}
      <Item label="LTP">
        <Num kind="price" value={leg.ltp} />
      </Item>
      <Item label="bid × ask">
        <Num kind="price" value={leg.bid} /> × <Num kind="price" value={leg.ask} />
      </Item>
      <Item label="IV">
        <Num kind="iv" value={leg.iv} unit="%" />
        {leg.price_used === null ? null : ` from ${USED[leg.price_used]}`}
        {status.kind === 'text' && leg.iv_status !== 'ok' ? `, ${status.text(leg)}` : null}
      </Item>
      {slot !== null && isLastDay(chain) ? (
        <Item
          label="decays"
          title="What the leg loses until its settlement if forward and IV stay; theta is a pace per calendar day"
        >
          <Num kind="price" value={decayLeft(chain, slot)} />
        </Item>
      ) : null}
      <Item label="age" title={`Last packet at ${istTime(leg.ts)} IST; counted from the time of its price`}>
        <Num
          kind="seconds"
          value={now === null ? null : Math.max(0, (now - priceTime(leg.ts, leg.exchange_ts)) / 1000)}
        />
      </Item>
      <Item label="exch" title="Time that the exchange put on the packet, IST">
        {leg.exchange_ts === null ? <Num kind="integer" value={null} /> : formatTimeOfDay(leg.exchange_ts, now)}
      </Item>
      <Item label="forward" title="Forward of the expiry that IV is computed with, and its method">
        <Num kind="price" value={forward.value} /> by {forward.method === null ? '–' : METHODS[forward.method]}
      </Item>
      <Item label="T" title="From the time of the prices until the options settle">
        <TimeLeft chain={chain} />
      </Item>
      <Item label="r" title="Rate that is discounted with, a year">
        <Num kind="iv" value={chain.metrics?.rate ?? null} unit="%" />
      </Item>
    </div>
  )
}

/** In years, as IV is computed with it; on the last day in hours and minutes. */
function TimeLeft({ chain }: { readonly chain: ChainData }) {
  const { time, received_at } = chain.head
  const leftMs = Math.max(0, chain.settlesAt - pricedFrom(time, received_at ?? time, chain.settlesAt))
  if (isLastDay(chain)) return <Num kind="seconds" value={leftMs / 1000} />
  return <Num kind="gamma" value={leftMs / YEAR_MS} unit="y" />
}

interface ItemProps {
  readonly label: string
  readonly title?: string
  readonly children: ReactNode
}

function Item({ label, title, children }: ItemProps) {
  return (
    <span className="item" title={title}>
      <span className="label">{label}</span> {children}
    </span>
  )
}
