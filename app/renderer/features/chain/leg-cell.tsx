import type { QuantityStyle } from '../../lib/format.ts'
import type { LiveLeg } from '../../store/chain-data.ts'
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

interface LegCellProps {
  readonly id: ColumnId
  readonly leg: LiveLeg
  readonly context: CellContext
  readonly look: CellLook
  /** Classes that all cells of the leg have. */
  readonly name: string
}

const SIGNED = new Set(['change', 'change_percent', 'quantity_change'])

function signClass(kind: string, value: number | null): string {
  if (!SIGNED.has(kind) || value === null || value === 0) return ''
  return value > 0 ? ' up' : ' down'
}

/** One value of one leg. */
export function LegCell({ id, leg, context, look, name }: LegCellProps) {
  if (id === 'ltp') return <PriceCell leg={leg} flash={look.flash} name={name} />
  const column = columnOf(id)
  if (column.kind === 'text') {
    const text = column.text(leg)
    return (
      <td className={`cell ${name} text ${id}`} data-slot={leg.slot} data-word={text}>
        {text ?? <Num kind="integer" value={null} />}
      </td>
    )
  }
  const units = column.value(leg, context)
  const value = column.inLots && look.lotSize !== null && units !== null ? units / look.lotSize : units
  return (
    <td className={`cell ${name} ${id}${signClass(column.kind, value)}`} data-slot={leg.slot}>
      {id === 'oi' ? <OiBar oi={units} top={look.topOi} /> : null}
      <Num kind={column.kind} value={value} style={look.style} />
    </td>
  )
}

/** The price flashes when it changes: two classes in turn, since an animation begins anew only with another name. */
function PriceCell({ leg, flash, name }: { readonly leg: LiveLeg; readonly flash: boolean; readonly name: string }) {
  const direction = leg.move > 0 ? 'up' : leg.move < 0 ? 'down' : ''
  const animation = flash && direction !== '' ? ` flash-${direction}-${leg.moves % 2}` : ''
  return (
    <td className={`cell ${name} ltp${animation}`} data-slot={leg.slot}>
      <span className={`tick ${direction}`} aria-hidden="true">
        {leg.move > 0 ? '▲' : leg.move < 0 ? '▼' : ''}
      </span>
      <Num kind="price" value={leg.ltp} />
    </td>
  )
}

function OiBar({ oi, top }: { readonly oi: number | null; readonly top: number }) {
  if (oi === null || top <= 0) return null
  return <span className="bar" style={{ width: `${Math.min(100, (100 * oi) / top).toFixed(1)}%` }} aria-hidden="true" />
}
