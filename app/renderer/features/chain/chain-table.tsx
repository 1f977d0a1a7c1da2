import { useVirtualizer } from '@tanstack/react-virtual'
import { type PointerEvent, type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useMarket, usePreferences } from '../../store/context.ts'
import { type ColumnId, columnOf, orderOf } from './columns.ts'
import { largestOi } from './marks.ts'
import { gridTemplate, StrikeRow } from './strike-row.tsx'

interface ChainTableProps {
  /** Strike that the keyboard or a search has chosen. */
  readonly selectedStrike: number | null
  /** Rises each time that the ATM row is to be brought to the middle. */
  readonly centreCount: number
  readonly onHover: (slot: number | null) => void
  readonly onSelect: (strike: number) => void
}

/** Rows that are mounted beyond those in view. */
const OVERSCAN = 6

/** As in styles/tokens.css. */
const scaleNow = (): number => (window.innerWidth >= 2000 ? 1.2 : 1)

/** Row height and width of columns grow on large screens. */
function useScale(): number {
  const [scale, setScale] = useState(scaleNow)
  useEffect(() => {
    const onResize = () => setScale(scaleNow())
    window.addEventListener('resize', onResize)
    return () => window.removeEventListener('resize', onResize)
  }, [])
  return scale
}

/** The chain: only the rows in view are mounted. */
export function ChainTable({ selectedStrike, centreCount, onHover, onSelect }: ChainTableProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const scale = useScale()
  const columns = usePreferences((preferences) => preferences[preferences.preset])
  const strikes = useMarket(({ chain }) => chain?.strikes ?? null)
  const rows = useVirtualizer({
    count: strikes?.length ?? 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => Math.round(26 * scale),
    overscan: OVERSCAN,
  })
  const { scrollToIndex, measure } = rows
  useEffect(() => {
    if (scale > 0) measure()
  }, [measure, scale])
  useCentring(scroller, scrollToIndex, selectedStrike, centreCount)
  useSideways(scroller, columns.join())
  const items = rows.getVirtualItems()
  const look = useLook(items[0]?.index ?? 0, items.at(-1)?.index ?? 0)
  const template = useMemo(() => gridTemplate(columns, scale), [columns, scale])
  const onPointerOver = (event: PointerEvent) => {
    const cell = event.target instanceof Element ? event.target.closest('[data-slot]') : null
    if (cell instanceof HTMLElement) onHover(Number(cell.dataset.slot))
  }
  const onPointerUp = (event: PointerEvent) => {
    const row = event.target instanceof Element ? event.target.closest('[data-strike]') : null
    if (row instanceof HTMLElement) onSelect(Number(row.dataset.strike))
  }
  return (
    <div ref={scroller} className="chain-scroller" data-testid="chain-scroller">
      <table className="chain" style={{ '--columns': template }} aria-rowcount={(strikes?.length ?? 0) + 1}>
        <caption className="visually-hidden">Option chain: calls left, strikes, puts right</caption>
        <ChainHead />
        <tbody style={{ height: rows.getTotalSize() }} onPointerOver={onPointerOver} onPointerUp={onPointerUp}>
          {items.map(({ index, start }) => (
            <StrikeRow
              key={index}
              place={index}
              top={start}
              columns={columns}
              look={look}
              selected={selectedStrike !== null && strikes?.[index] === selectedStrike}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function ChainHead() {
  const columns = usePreferences((preferences) => preferences[preferences.preset])
  const units = usePreferences((preferences) => preferences.units)
  const cell = (name: string) => (id: ColumnId) => {
    const column = columnOf(id)
    const unit = 'inLots' in column && column.inLots && units === 'lots' ? ', in lots' : ''
    const side = `cell ${name}${column.kind === 'text' ? ' text' : ''}`
    return (
      <th key={id} scope="col" className={side} title={`${column.title}${unit}`}>
        {column.label}
      </th>
    )
  }
  return (
    <thead>
      <tr className="row sides">
        <th scope="colgroup" className="ce-head" style={{ gridColumn: `1 / span ${columns.length}` }}>
          Calls <span className="quiet">CE</span>
        </th>
        <th scope="col" className="strike-head">
          <span className="quiet">{units === 'lots' ? 'in lots' : 'in quantity'}</span>
        </th>
        <th scope="colgroup" className="pe-head" style={{ gridColumn: `span ${columns.length}` }}>
          <span className="quiet">PE</span> Puts
        </th>
      </tr>
      <tr className="row names">
        {orderOf(columns, true).map(cell('ce'))}
        <th scope="col" className="strike">
          Strike
        </th>
        {columns.map(cell('pe'))}
      </tr>
    </thead>
  )
}

/** What all cells share. The largest open interest in view is taken to two figures, so that bars stand still. */
function useLook(first: number, last: number) {
  const units = usePreferences((preferences) => preferences.units)
  const style = usePreferences((preferences) => preferences.numbers)
  const flash = usePreferences((preferences) => preferences.flash)
  const lotSize = useMarket(({ chain }) => (units === 'lots' ? (chain?.lotSize ?? null) : null))
  const topOi = useMarket(({ chain }) => (chain === null ? 0 : roundedUp(largestOi(chain.legs, first, last))))
  return useMemo(() => ({ lotSize, style, flash, topOi }), [lotSize, style, flash, topOi])
}

function roundedUp(value: number): number {
  if (value <= 0) return 0
  const step = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1)
  return Math.ceil(value / step) * step
}

type ScrollTo = (index: number, options: { align: 'center' | 'auto' }) => void

/**
 * Brings the ATM row to the middle at first and whenever that is asked for, and keeps it there when the ATM moves until
 * the user scrolls away or chooses a strike, which is brought into view.
 */
function useCentring(
  scroller: RefObject<HTMLDivElement | null>,
  scrollToIndex: ScrollTo,
  selectedStrike: number | null,
  centreCount: number,
): void {
  const strikes = useMarket(({ chain }) => chain?.strikes ?? null)
  const atm = useMarket(({ chain }) => chain?.head.atm ?? null)
  const topic = useMarket(({ chain }) => chain?.topic ?? null)
  const centred = useRef('')
  const strayed = useRef(false)
  useEffect(() => {
    const element = scroller.current
    const onStray = () => {
      strayed.current = true
    }
    const kinds = ['wheel', 'touchmove', 'pointerdown'] as const
    for (const kind of kinds) element?.addEventListener(kind, onStray, { passive: true })
    return () => {
      for (const kind of kinds) element?.removeEventListener(kind, onStray)
    }
  }, [scroller])
  useLayoutEffect(() => {
    const wanted = `${topic} ${centreCount}`
    if (centred.current !== wanted) strayed.current = false
    if (atm === null || strayed.current) return
    centred.current = wanted
    scrollToIndex(strikes?.indexOf(atm) ?? 0, { align: 'center' })
  }, [atm, topic, centreCount, strikes, scrollToIndex])
  useLayoutEffect(() => {
    if (selectedStrike === null) return
    strayed.current = true
    scrollToIndex(strikes?.indexOf(selectedStrike) ?? 0, { align: 'auto' })
  }, [selectedStrike, strikes, scrollToIndex])
}

/** Where the columns do not fit, the strikes stand in the middle at first. */
function useSideways(scroller: RefObject<HTMLDivElement | null>, columns: string): void {
  useLayoutEffect(() => {
    const element = scroller.current
    if (element !== null && columns !== '') element.scrollLeft = (element.scrollWidth - element.clientWidth) / 2
  }, [columns, scroller])
}
