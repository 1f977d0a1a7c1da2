import { memo } from 'react'
import { useMarket } from '../../store/context.ts'
import type { MarketState } from '../../store/market.ts'
import { Num } from '../../ui/num.tsx'
import { HEAD_ROWS } from './chain-head.tsx'
import { type ColumnId, columnOf, orderOf } from './columns.ts'
import { type CellLook, LegCell } from './leg-cell.tsx'
import { marksOf } from './marks.ts'

/** No packet for this long while the feed runs: nobody quotes this contract now. */
const AGED_MS = 30_000
const OLD_MS = 300_000

interface StrikeRowProps {
  /** Place of the strike in the chain. */
  readonly place: number
  /** Pixels from the top of the chain. */
  readonly top: number
  /** From the strike outward. */
  readonly columns: readonly ColumnId[]
  readonly look: CellLook
  readonly selected: boolean
}

type Age = 'fresh' | 'aged' | 'old'

function ageOf({ chain, now, health }: MarketState, slot: number): Age {
  const leg = chain?.legs[slot] ?? null
  // After the close nobody quotes anything: there age says nothing.
  const isOver = health?.market.phase === 'closed' || health?.market.phase === 'holiday'
  if (leg === null || now === null || isOver || now - leg.ts < AGED_MS) return 'fresh'
  return now - leg.ts < OLD_MS ? 'aged' : 'old'
}

/** Calls, strike, puts of one strike; a side is drawn again only when its leg changes. */
export const StrikeRow = memo(function StrikeRow({ place, top, columns, look, selected }: StrikeRowProps) {
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
      style={{ transform: `translateY(${top}px)` }}
    >
      <Side slot={2 * place} strike={strike} columns={columns} look={look} />
      <StrikeCell strike={strike} isAtm={isAtm} />
      <Side slot={2 * place + 1} strike={strike} columns={columns} look={look} />
    </tr>
  )
})

interface SideProps {
  readonly slot: number
  readonly strike: number
  readonly columns: readonly ColumnId[]
  readonly look: CellLook
}

const Side = memo(function Side({ slot, strike, columns, look }: SideProps) {
  const isCall = slot % 2 === 0
  const leg = useMarket(({ chain }) => chain?.legs[slot] ?? null)
  const age = useMarket((state) => ageOf(state, slot))
  // These two move with every tick of the forward and of the clock: read only by the columns that need them.
  const needsForward = columns.some((id) => id === 'intrinsic' || id === 'time_value')
  const forward = useMarket(({ chain }) => (needsForward ? (chain?.head.forward.value ?? null) : null))
  const needsClock = columns.includes('age')
  const now = useMarket((state) => (needsClock ? state.now : null))
  const inMoney = useMarket(({ chain }) => isInMoney(chain?.head.forward.value ?? null, strike, isCall))
  const name = `${isCall ? 'ce' : 'pe'}${inMoney ? ' itm' : ''} ${age}`
  const context = { strike, isCall, forward, now }
  return orderOf(columns, isCall).map((id) =>
    leg === null ? (
      <EmptyCell key={id} name={name} slot={slot} />
    ) : (
      <LegCell key={id} id={id} leg={leg} context={context} look={look} name={name} />
    ),
  )
})

function EmptyCell({ name, slot }: { readonly name: string; readonly slot: number }) {
  return (
    <td className={`cell ${name}`} data-slot={slot}>
      <Num kind="integer" value={null} />
    </td>
  )
}

function isInMoney(forward: number | null, strike: number, isCall: boolean): boolean {
  if (forward === null) return false
  return isCall ? strike < forward : strike > forward
}

const StrikeCell = memo(function StrikeCell({ strike, isAtm }: { readonly strike: number; readonly isAtm: boolean }) {
  const marks = useMarket((state) => marksOf(state, strike).join(' '))
  return (
    <th scope="row" className="strike">
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

/** Room for all three markers on one side, px. */
const STRIKE_WIDTH = 152

/** Sizes of the columns of both sides as a grid template, px. */
export function gridTemplate(columns: readonly ColumnId[], scale: number): string {
  const widthOf = (id: ColumnId) => {
    const width = Math.round(columnOf(id).width * scale)
    return `minmax(${width}px, ${Math.round(width * 1.7)}px)`
  }
  const strike = `${Math.round(STRIKE_WIDTH * scale)}px`
  return [...orderOf(columns, true).map(widthOf), strike, ...orderOf(columns, false).map(widthOf)].join(' ')
}
