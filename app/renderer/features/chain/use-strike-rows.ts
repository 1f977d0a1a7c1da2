import { useVirtualizer } from '@tanstack/react-virtual'
import { type PointerEvent, type RefObject, useEffect } from 'react'

/** Rows beyond the view that are mounted, so that a turn of the wheel finds them there. */
const OVERSCAN = 3
const ROW = 26

/** Which of many rows by strike are in view: only those are mounted. `headRows` stand above them, and stay there. */
export function useStrikeRows(scroller: RefObject<HTMLElement | null>, count: number, scale: number, headRows: number) {
  const rowHeight = Math.round(ROW * scale)
  const headHeight = headRows * rowHeight - 3
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
  })
  const { measure } = rows
  useEffect(() => {
    if (scale > 0) measure()
  }, [measure, scale])
  return { rows, rowHeight, headHeight }
}

/** Slot of the leg under the pointer; null where there is none. */
export function slotUnder({ target }: PointerEvent): number | null {
  const cell = target instanceof Element ? target.closest('[data-slot]') : null
  return cell instanceof HTMLElement ? Number(cell.dataset.slot) : null
}
