import { memo } from 'react'
import { priceTime } from '../../../../core/domain/price-time.ts'
import { MISSING } from '../../lib/format.ts'
import { useMarket } from '../../store/context.ts'
import { type MarketState, sessionOf } from '../../store/market.ts'
import { Num } from '../../ui/num.tsx'
import { HEAD_ROWS } from './chain-head.tsx'
import { Cell, type CellLook, LegCell, type PlacedColumn } from './leg-cell.tsx'
import { marksOf } from './marks.ts'

/** No packet for this long while the feed runs: nobody quotes this contract now. */
const AGED_MS = 30_000
const OLD_MS = 300_000

interface StrikeRowProps {
  /** Place of the strike in the chain. */
  readonly place: number
  /** Pixels from the top of the chain. */
  readonly top: number
  /** Those in view, from left to right. */
  readonly calls: readonly PlacedColumn[]
  readonly puts: readonly PlacedColumn[]
  /** Place of the strike among the columns, from 1. */
  readonly strikeAt: number
  readonly look: CellLook
  readonly selected: boolean
}

type Age = 'fresh' | 'aged' | 'old'

function ageOf(state: MarketState, slot: number): Age {
  const { chain, now } = state
  const leg = chain?.legs[slot] ?? null
  const phase = sessionOf(state)?.phase
  // After the close nobody quotes anything: there age says nothing.
  const isOver = phase === 'closed' || phase === 'holiday'
  if (leg === null || now === null || isOver) return 'fresh'
  const ageMs = now - priceTime(leg.ts, leg.exchange_ts)
  if (ageMs < AGED_MS) return 'fresh'
  return ageMs < OLD_MS ? 'aged' : 'old'
}

/** Calls, strike, puts of one strike; a side is drawn again only when its leg changes. */
export const StrikeRow = memo(function StrikeRow(props: StrikeRowProps) {
  const { place, top, calls, puts, strikeAt, look, selected } = props
  const strike = useMarket(({ chain }) => chain?.strikes[place] ?? null)
  const isAtm = useMarket(({ chain }) => chain !== null && chain.head.atm === strike)
  if (strike === null) return null
  const name = `row${isAtm ? ' atm' : ''}${selected ? ' selected' : ''}`
  return (
    <tr
      className={name}
      aria-rowindex={place + HEAD_ROWS + 1}
      aria-current={selected ? 'true' : undefined}
      data-strike={strike}
      style={{ top }}
    >
      <Side slot={2 * place} strike={strike} columns={calls} look={look} />
      <StrikeCell strike={strike} isAtm={isAtm} at={strikeAt} />
      <Side slot={2 * place + 1} strike={strike} columns={puts} look={look} />
    </tr>
  )
})

interface SideProps {
  readonly slot: number
  readonly strike: number
  readonly columns: readonly PlacedColumn[]
  readonly look: CellLook
}

const Side = memo(function Side({ slot, strike, columns, look }: SideProps) {
  const isCall = slot % 2 === 0
  const leg = useMarket(({ chain }) => chain?.legs[slot] ?? null)
  const age = useMarket((state) => ageOf(state, slot))
  const inMoney = useMarket(({ chain }) => isInMoney(chain?.head.forward.value ?? null, strike, isCall))
  const name = `${isCall ? 'ce' : 'pe'}${inMoney ? ' itm' : ''} ${age}`
  return columns.map((place) =>
    leg === null ? (
      <Cell key={place.id} place={place} slot={slot} name={`${name} missing`} text={MISSING} />
    ) : (
      <LegCell key={place.id} place={place} leg={leg} strike={strike} look={look} name={name} />
    ),
  )
})

function isInMoney(forward: number | null, strike: number, isCall: boolean): boolean {
  if (forward === null) return false
  return isCall ? strike < forward : strike > forward
}

interface StrikeCellProps {
  readonly strike: number
  readonly isAtm: boolean
  readonly at: number
}

const StrikeCell = memo(function StrikeCell({ strike, isAtm, at }: StrikeCellProps) {
  const marks = useMarket((state) => marksOf(state, strike).join(' '))
  return (
    <th scope="row" className="strike" aria-colindex={at} style={{ gridColumn: at }}>
      <span className="marks">
        {marks === ''
          ? null
          : marks.split(' ').map((mark) => (
              <abbr key={mark} className={`mark ${mark}`} title={MARK_TITLES[mark]}>
                {mark}
              </abbr>
            ))}
      </span>
      <Num kind="strike" value={strike} />
      <span className="atm-tag">{isAtm ? 'ATM' : ''}</span>
    </th>
  )
})

const MARK_TITLES: Readonly<Record<string, string>> = {
  R: 'Resistance: most open interest of calls',
  S: 'Support: most open interest of puts',
  MP: 'Max pain of the whole chain',
}
