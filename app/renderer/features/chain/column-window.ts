import { useVirtualizer } from '@tanstack/react-virtual'
import { type RefObject, useEffect, useMemo } from 'react'
import { type ColumnId, columnOf, orderOf } from './columns.ts'
import type { PlacedColumn } from './leg-cell.tsx'

/** Room for all three markers on one side, px. */
const STRIKE_WIDTH = 152
/** Columns that are mounted beyond those in view. */
const OVERSCAN = 1

/** All columns from left to right; null = the strike. */
function layoutOf(columns: readonly ColumnId[]): readonly (ColumnId | null)[] {
  return [...orderOf(columns, true), null, ...orderOf(columns, false)]
}

function widthOf(id: ColumnId | null, scale: number): number {
  return Math.round((id === null ? STRIKE_WIDTH : columnOf(id).width) * scale)
}

/** Sizes of the columns of both sides as a grid template, px. */
function templateOf(layout: readonly (ColumnId | null)[], scale: number): string {
  return layout
    .map((id) => {
      const width = widthOf(id, scale)
      return id === null ? `${width}px` : `minmax(${width}px, ${Math.round(width * 1.7)}px)`
    })
    .join(' ')
}

/** The grid of all columns, and those of each side that are in view or close to it: only these are mounted. */
export function useColumnWindow(scroller: RefObject<HTMLElement | null>, columns: readonly ColumnId[], scale: number) {
  const layout = useMemo(() => layoutOf(columns), [columns])
  const template = useMemo(() => templateOf(layout, scale), [layout, scale])
  // Where all fit they may be wider than this, and all are in view.
  const window = useVirtualizer({
    horizontal: true,
    count: layout.length,
    getScrollElement: () => scroller.current,
    estimateSize: (at) => widthOf(layout[at] ?? null, scale),
    overscan: OVERSCAN,
  })
  const { measure } = window
  useEffect(() => {
    if (template !== '') measure()
  }, [measure, template])
  const items = window.getVirtualItems()
  const first = items[0]?.index ?? 0
  const last = items.at(-1)?.index ?? -1
  const sides = useMemo(() => sidesOf(layout, first, last), [layout, first, last])
  return { template, ...sides }
}

function sidesOf(layout: readonly (ColumnId | null)[], first: number, last: number) {
  const middle = layout.indexOf(null)
  const placed = (from: number, to: number): readonly PlacedColumn[] =>
    layout.slice(from, to).flatMap((id, nth) => {
      const at = from + nth + 1
      return id === null ? [] : [{ id, at, style: { gridColumn: at } }]
    })
  return {
    calls: placed(first, Math.min(middle, last + 1)),
    puts: placed(Math.max(middle + 1, first), last + 1),
    strikeAt: middle + 1,
  }
}
