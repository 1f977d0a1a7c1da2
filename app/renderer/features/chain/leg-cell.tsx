import { type CSSProperties, memo, useLayoutEffect, useRef } from 'react'
import { formatNumber, MISSING, type QuantityStyle } from '../../lib/format.ts'
import type { LiveLeg } from '../../store/chain-data.ts'
import { useMarket } from '../../store/context.ts'
import { Num } from '../../ui/num.tsx'
import { type CellContext, type ColumnId, columnOf } from './columns.ts'

/** How all cells are drawn; one object for all, made anew only when something of it changes. */
export interface CellLook {
  /** Quantities are divided by it; null = shown in units. */
  readonly lotSize: number | null
  readonly style: QuantityStyle
  readonly flash: boolean
  /** Largest open interest in view, units. */
  readonly topOi: number
}

/** A column and its place among all from left to right, from 1. */
export interface PlacedColumn {
  readonly id: ColumnId
  readonly at: number
  readonly style: CSSProperties
}

const SIGNED = new Set(['change', 'change_percent', 'quantity_change'])

/** What these show moves with the clock or the forward, not with their leg alone. */
const MOVING: ReadonlySet<ColumnId> = new Set(['age', 'intrinsic', 'time_value'])

interface Shown {
  readonly text: string
  /** Class beside those of the leg. */
  readonly tone: '' | ' up' | ' down' | ' missing'
}

function shownOf(id: ColumnId, leg: LiveLeg, look: CellLook, context: CellContext): Shown {
  const column = columnOf(id)
  if (column.kind === 'text') {
    const word = column.text(leg)
    return word === null ? { text: MISSING, tone: ' missing' } : { text: word, tone: '' }
  }
  const units = column.value(leg, context)
  const value = column.inLots && look.lotSize !== null && units !== null ? units / look.lotSize : units
  const text = formatNumber(column.kind, value, look.style)
  if (text === MISSING) return { text, tone: ' missing' }
  if (!SIGNED.has(column.kind) || value === null || value === 0) return { text, tone: '' }
  return { text, tone: value > 0 ? ' up' : ' down' }
}

interface LegCellProps {
  readonly place: PlacedColumn
  readonly leg: LiveLeg
  readonly strike: number
  readonly look: CellLook
  /** Classes that all cells of the leg have. */
  readonly name: string
}

/** One value of one leg. */
export function LegCell({ place, leg, strike, look, name }: LegCellProps) {
  const { id } = place
  if (id === 'ltp') return <PriceCell place={place} leg={leg} flash={look.flash} name={name} />
  if (MOVING.has(id)) return <MovingCell place={place} leg={leg} strike={strike} look={look} name={name} />
  const { text, tone } = shownOf(id, leg, look, { strike, isCall: leg.slot % 2 === 0, forward: null, now: null })
  const bar = id === 'oi' ? barOf(leg.oi, look.topOi) : undefined
  return <Cell place={place} slot={leg.slot} name={name + tone} text={text} bar={bar} />
}

function MovingCell({ place, leg, strike, look, name }: LegCellProps) {
  const isCall = leg.slot % 2 === 0
  // A string with its tone: the same text is no change, however often the forward moves.
  const shown = useMarket(({ chain, now }) => {
    const { text, tone } = shownOf(place.id, leg, look, {
      strike,
      isCall,
      forward: chain?.head.forward.value ?? null,
      now,
    })
    return `${tone}|${text}`
  })
  const [tone = '', text = ''] = shown.split('|')
  return <Cell place={place} slot={leg.slot} name={name + tone} text={text} />
}

interface CellProps {
  readonly place: PlacedColumn
  readonly slot: number
  readonly name: string
  readonly text: string
  /** Length of the bar behind the number, as CSS has it. */
  readonly bar?: string | undefined
}

/** Drawn again only when what it says changes. */
export const Cell = memo(function Cell({ place, slot, name, text, bar }: CellProps) {
  const { id, at, style } = place
  const isText = columnOf(id).kind === 'text'
  return (
    <td
      className={`cell ${name} ${id}${isText ? ' text' : ''}`}
      aria-colindex={at}
      data-slot={slot}
      data-word={isText ? text : undefined}
      style={bar === undefined ? style : { ...style, backgroundSize: bar }}
    >
      {text}
    </td>
  )
})

interface PriceCellProps {
  readonly place: PlacedColumn
  readonly leg: LiveLeg
  readonly flash: boolean
  readonly name: string
}

function PriceCell({ place, leg, flash, name }: PriceCellProps) {
  const direction = leg.move > 0 ? 'up' : leg.move < 0 ? 'down' : ''
  const element = useFlash(flash ? leg.moves : 0, direction)
  return (
    <td ref={element} className={`cell ${name} ltp`} aria-colindex={place.at} data-slot={leg.slot} style={place.style}>
      <span className={`tick ${direction}`} aria-hidden="true">
        {leg.move > 0 ? '▲' : leg.move < 0 ? '▼' : ''}
      </span>
      <Num kind="price" value={leg.ltp} />
    </td>
  )
}

/** Long enough to be seen, over before it is in the way. */
const FLASH_MS = 450
const STILL = matchMedia('(prefers-reduced-motion: reduce)')

/** Lights the element up whenever the count of moves has changed since it was mounted; 0 = never. */
function useFlash(moves: number, direction: '' | 'up' | 'down') {
  const element = useRef<HTMLTableCellElement>(null)
  const seen = useRef(moves)
  useLayoutEffect(() => {
    const cell = element.current
    if (cell === null || moves === 0 || moves === seen.current || STILL.matches) return
    seen.current = moves
    cell.dataset.flash = direction
    const timer = setTimeout(() => delete cell.dataset.flash, FLASH_MS)
    return () => {
      clearTimeout(timer)
      delete cell.dataset.flash
    }
  }, [moves, direction])
  return element
}

/** In whole percents: a bar that moved with each contract would be drawn again for nothing. */
function barOf(oi: number | null, top: number): string {
  if (oi === null || top <= 0) return '0 0'
  return `${Math.min(100, Math.round((100 * oi) / top))}% calc(100% - 6px)`
}
