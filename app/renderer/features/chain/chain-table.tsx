import { type PointerEvent, type RefObject, useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import { useMarket, usePreferences } from '../../store/context.ts'
import { ScrollRegion } from '../../ui/scroll-region.tsx'
import { useTextScale } from '../../ui/use-text-scale.ts'
import type { ChosenLeg } from '../shell/actions.ts'
import { ChainHead, HEAD_ROWS } from './chain-head.tsx'
import { useColumnWindow } from './column-window.ts'
import { largestOi } from './marks.ts'
import { StrikeRow } from './strike-row.tsx'
import { useSideways } from './use-sideways.ts'
import { slotUnder, useStrikeRows } from './use-strike-rows.ts'

interface ChainTableProps {
  /** Strike that the keyboard or a search has chosen. */
  readonly selectedStrike: number | null
  /** Rises each time that the ATM row is to be brought to the middle. */
  readonly centreCount: number
  readonly onHover: (slot: number | null) => void
  readonly onSelect: (leg: ChosenLeg) => void
}

/** The chain: only the rows in view are mounted. */
export function ChainTable({ selectedStrike, centreCount, onHover, onSelect }: ChainTableProps) {
  const scroller = useRef<HTMLElement>(null)
  const scale = useTextScale()
  const columns = usePreferences((preferences) => preferences[preferences.preset])
  const strikes = useMarket(({ chain }) => chain?.strikes ?? null)
  const { rows, headHeight } = useStrikeRows(scroller, strikes?.length ?? 0, scale, HEAD_ROWS)
  const { scrollToIndex } = rows
  useCentring(scroller, scrollToIndex, selectedStrike, centreCount)
  useSideways(scroller, columns.join(), centreCount)
  const items = rows.getVirtualItems()
  const chosen = selectedStrike === null ? -1 : (strikes?.indexOf(selectedStrike) ?? -1)
  const { template, calls, puts, strikeAt } = useColumnWindow(scroller, columns, scale)
  const look = useLook(items[0]?.index ?? 0, items.at(-1)?.index ?? 0)
  const onPointerOver = (event: PointerEvent) => {
    const slot = slotUnder(event)
    if (slot !== null) onHover(slot)
  }
  const onPointerUp = (event: PointerEvent) => {
    const row = event.target instanceof Element ? event.target.closest('[data-strike]') : null
    const cell = event.target instanceof Element ? event.target.closest('.pe, .ce') : null
    if (!(row instanceof HTMLElement)) return
    const side = cell === null ? {} : { side: cell.matches('.pe') ? ('put' as const) : ('call' as const) }
    onSelect({ strike: Number(row.dataset.strike), ...side })
  }
  return (
    <ScrollRegion element={scroller} className="chain-scroller" label="Strikes" testId="chain-scroller">
      <table
        className="chain"
        style={{ '--columns': template }}
        aria-label="Option chain: calls left, strikes, puts right"
        aria-rowcount={(strikes?.length ?? 0) + HEAD_ROWS}
        aria-colcount={2 * columns.length + 1}
      >
        <ChainHead />
        <tbody
          style={{ height: rows.getTotalSize() }}
          onPointerOver={onPointerOver}
          onPointerLeave={() => onHover(null)}
          onPointerUp={onPointerUp}
        >
          {items.map(({ index, start }) => (
            <StrikeRow
              key={index}
              place={index}
              top={start - headHeight}
              calls={calls}
              puts={puts}
              strikeAt={strikeAt}
              look={look}
              selected={index === chosen}
            />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
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
 * Brings the ATM row to the middle at first and whenever that is asked for, and keeps it there when the ATM moves or the
 * window gets another size, until the user scrolls away or chooses a strike, which is brought into view.
 */
function useCentring(
  scroller: RefObject<HTMLElement | null>,
  scrollToIndex: ScrollTo,
  selectedStrike: number | null,
  centreCount: number,
): void {
  const strikes = useMarket(({ chain }) => chain?.strikes ?? null)
  const atm = useMarket(({ chain }) => chain?.head.atm ?? null)
  const topic = useMarket(({ chain }) => chain?.topic ?? null)
  const centred = useRef('')
  const strayed = useRef(false)
  const toMiddle = useRef(() => {})
  useEffect(() => {
    const element = scroller.current
    const resized = new ResizeObserver(() => {
      if (!strayed.current) toMiddle.current()
    })
    if (element !== null) resized.observe(element)
    const onStray = () => {
      strayed.current = true
    }
    const kinds = ['wheel', 'touchmove', 'pointerdown'] as const
    for (const kind of kinds) element?.addEventListener(kind, onStray, { passive: true })
    return () => {
      resized.disconnect()
      for (const kind of kinds) element?.removeEventListener(kind, onStray)
    }
  }, [scroller])
  useLayoutEffect(() => {
    const wanted = `${topic} ${centreCount}`
    if (centred.current !== wanted) strayed.current = false
    if (atm === null || strayed.current) return
    centred.current = wanted
    // What was chosen before the page was left comes back with it.
    const kept = centreCount === 0 && selectedStrike !== null && strikes?.includes(selectedStrike)
    const place = strikes?.indexOf(kept ? selectedStrike : atm) ?? -1
    if (place < 0) return
    toMiddle.current = () => scrollToIndex(place, { align: 'center' })
    toMiddle.current()
  }, [atm, topic, centreCount, strikes, scrollToIndex, selectedStrike])
  useLayoutEffect(() => {
    const place = selectedStrike === null ? -1 : (strikes?.indexOf(selectedStrike) ?? -1)
    if (place < 0) return
    strayed.current = true
    scrollToIndex(place, { align: 'auto' })
  }, [selectedStrike, strikes, scrollToIndex])
}
