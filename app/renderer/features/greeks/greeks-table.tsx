import { memo, type PointerEvent, type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { LiveLeg } from '../../store/chain-data.ts'
import { useMarket } from '../../store/context.ts'
import { Num } from '../../ui/num.tsx'
import { ScrollRegion } from '../../ui/scroll-region.tsx'
import { marksOf } from '../chain/marks.ts'
import { useSideways } from '../chain/use-sideways.ts'
import { slotUnder, useStrikeRows } from '../chain/use-strike-rows.ts'
import { isLastDay, LAST_DAY_THETA } from './decay-left.ts'
import {
  GREEK_COLUMNS,
  GREEK_FACTS,
  type GreekColumn,
  largestGreeks,
  MISSING_REASONS,
  shownValue,
} from './greek-columns.ts'

const STRIKE_WIDTH = 118
const HEAD_ROWS = 2
const OUTWARD = [...GREEK_COLUMNS].reverse()

type Largest = ReturnType<typeof largestGreeks>

interface GreeksTableProps {
  /** Units that Greeks are shown for: a lot's, or 1. */
  readonly lot: number
  readonly scale: number
  readonly onHover: (slot: number | null) => void
}

/** Greeks of calls and puts by strike; only the rows in view are mounted. */
export function GreeksTable({ lot, scale, onHover }: GreeksTableProps) {
  const scroller = useRef<HTMLElement>(null)
  const strikes = useMarket(({ chain }) => chain?.strikes ?? null)
  const { rows, headHeight } = useStrikeRows(scroller, strikes?.length ?? 0, scale, HEAD_ROWS)
  const { scrollToIndex } = rows
  useCentring(scroller, scrollToIndex)
  const columns = template(scale)
  useSideways(scroller, columns)
  const items = rows.getVirtualItems()
  const largest = useLargest(items[0]?.index ?? 0, items.at(-1)?.index ?? 0)
  const onPointerOver = (event: PointerEvent) => {
    const slot = slotUnder(event)
    if (slot !== null) onHover(slot)
  }
  return (
    <ScrollRegion element={scroller} className="chain-scroller greeks-scroller" label="Greeks by strike">
      <table
        className="chain greeks"
        style={{ '--columns': columns }}
        aria-label="Greeks: calls left, strikes, puts right"
        aria-rowcount={(strikes?.length ?? 0) + HEAD_ROWS}
      >
        <Head lot={lot} />
        <tbody
          style={{ height: rows.getTotalSize() }}
          onPointerOver={onPointerOver}
          onPointerLeave={() => onHover(null)}
        >
          {items.map(({ index, start }) => (
            <Row key={index} place={index} top={start - headHeight} lot={lot} largest={largest} />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  )
}

function template(scale: number): string {
  const widthOf = (column: GreekColumn) => {
    const width = Math.round(GREEK_FACTS[column].width * scale)
    return `minmax(${width}px, ${Math.round(width * 1.8)}px)`
  }
  return [...OUTWARD.map(widthOf), `${Math.round(STRIKE_WIDTH * scale)}px`, ...GREEK_COLUMNS.map(widthOf)].join(' ')
}

function useLargest(first: number, last: number): Largest {
  const text = useMarket(({ chain }) => (chain === null ? '' : Object.values(largestGreeks(chain, first, last)).join()))
  return useMemo(() => {
    const [delta = 0, iv = 0, gamma = 0, theta = 0, vega = 0, rho = 0] = text.split(',').map(Number)
    return { delta, iv, gamma, theta, vega, rho }
  }, [text])
}

/** The ATM row in the middle, also when the window gets another size, until the user scrolls away; again with each chain. */
function useCentring(
  scroller: RefObject<HTMLElement | null>,
  scrollToIndex: (index: number, options: { align: 'center' }) => void,
): void {
  const topic = useMarket(({ chain }) => chain?.topic ?? null)
  const place = useMarket(({ chain }) => (chain?.head.atm == null ? -1 : chain.strikes.indexOf(chain.head.atm)))
  const [strayed, setStrayed] = useState<string | null>(null)
  useEffect(() => {
    const element = scroller.current
    const onStray = () => setStrayed(topic)
    const kinds = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const
    for (const kind of kinds) element?.addEventListener(kind, onStray, { passive: true })
    return () => {
      for (const kind of kinds) element?.removeEventListener(kind, onStray)
    }
  }, [scroller, topic])
  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null || place < 0 || strayed === topic) return
    const toMiddle = () => scrollToIndex(place, { align: 'center' })
    toMiddle()
    const resized = new ResizeObserver(toMiddle)
    resized.observe(element)
    return () => resized.disconnect()
  }, [scroller, place, strayed, topic, scrollToIndex])
}

function Head({ lot }: { readonly lot: number }) {
  const per = lot === 1 ? 'per unit' : `per lot of ${lot}`
  const lastDay = useMarket(({ chain }) => isLastDay(chain))
  const cell = (side: string) => (column: GreekColumn) => {
    const { title, label } = GREEK_FACTS[column]
    const isMarked = column === 'theta' && lastDay
    return (
      <th
        key={column}
        scope="col"
        className={`cell ${side}`}
        title={`${title}, ${per}${isMarked ? `, ${LAST_DAY_THETA}` : ''}`}
      >
        {label}
        {isMarked ? '*' : null}
      </th>
    )
  }
  const span = GREEK_COLUMNS.length
  return (
    <thead>
      <tr className="row sides" aria-rowindex={1}>
        <th scope="colgroup" className="ce-head" colSpan={span} style={{ gridColumn: `1 / span ${span}` }}>
          Calls <span className="quiet">CE</span>
        </th>
        <th scope="col" className="strike-head">
          <span className="quiet">{per}</span>
        </th>
        <th scope="colgroup" className="pe-head" colSpan={span} style={{ gridColumn: `span ${span}` }}>
          <span className="quiet">PE</span> Puts
        </th>
      </tr>
      <tr className="row names" aria-rowindex={2}>
        {OUTWARD.map(cell('ce'))}
        <th scope="col" className="strike">
          Strike
        </th>
        {GREEK_COLUMNS.map(cell('pe'))}
      </tr>
    </thead>
  )
}

interface RowProps {
  readonly place: number
  readonly top: number
  readonly lot: number
  readonly largest: Largest
}

const Row = memo(function Row({ place, top, lot, largest }: RowProps) {
  const strike = useMarket(({ chain }) => chain?.strikes[place] ?? null)
  const isAtm = useMarket(({ chain }) => chain !== null && chain.head.atm === strike)
  const marks = useMarket((state) => (strike === null ? '' : marksOf(state, strike).join(' ')))
  if (strike === null) return null
  return (
    <tr
      className={`row${isAtm ? ' atm' : ''}`}
      aria-rowindex={place + HEAD_ROWS + 1}
      data-strike={strike}
      style={{ transform: `translateY(${top}px)` }}
    >
      <Side slot={2 * place} strike={strike} lot={lot} largest={largest} />
      <th scope="row" className="strike">
        <span className="marks">
          {marks.split(' ').map((mark) =>
            mark === '' ? null : (
              <span key={mark} className={`mark ${mark}`}>
                {mark}
              </span>
            ),
          )}
        </span>
        <Num kind="strike" value={strike} />
        <span className="atm-tag">{isAtm ? 'ATM' : ''}</span>
      </th>
      <Side slot={2 * place + 1} strike={strike} lot={lot} largest={largest} />
    </tr>
  )
})

interface SideProps {
  readonly slot: number
  readonly strike: number
  readonly lot: number
  readonly largest: Largest
}

const Side = memo(function Side({ slot, strike, lot, largest }: SideProps) {
  const isCall = slot % 2 === 0
  const leg = useMarket(({ chain }) => chain?.legs[slot] ?? null)
  const inMoney = useMarket(({ chain }) => {
    const forward = chain?.head.forward.value ?? null
    return forward !== null && (isCall ? strike < forward : strike > forward)
  })
  const name = `${isCall ? 'ce' : 'pe'}${inMoney ? ' itm' : ''}`
  return (isCall ? OUTWARD : GREEK_COLUMNS).map((column) => (
    <Cell key={column} column={column} leg={leg} slot={slot} name={name} lot={lot} largest={largest[column]} />
  ))
})

interface CellProps {
  readonly column: GreekColumn
  readonly leg: LiveLeg | null
  readonly slot: number
  readonly name: string
  readonly lot: number
  readonly largest: number
}

function Cell({ column, leg, slot, name, lot, largest }: CellProps) {
  const size = Math.abs(leg?.[column] ?? 0)
  const value = leg === null ? null : shownValue(column, leg, lot)
  const reason = leg === null ? 'No packet of this contract yet' : MISSING_REASONS[leg.iv_status]
  const { kind, lotKind } = GREEK_FACTS[column]
  const share = largest > 0 ? Math.min(100, (100 * size) / largest) : 0
  return (
    <td
      className={`cell ${name} ${column}`}
      data-slot={slot}
      title={value === null ? reason : undefined}
      style={{ backgroundSize: `${share.toFixed(1)}% 3px` }}
    >
      <Num kind={lot === 1 ? kind : lotKind} value={value} />
    </td>
  )
}
