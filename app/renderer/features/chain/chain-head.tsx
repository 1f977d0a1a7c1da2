import { useMarket, usePreferences } from '../../store/context.ts'
import { isLastDay, LAST_DAY_THETA } from '../greeks/decay-left.ts'
import { type ColumnId, columnOf, orderOf } from './columns.ts'

/** Rows of the head, which count in what a screen reader is told. */
export const HEAD_ROWS = 2

/** What the columns are called, and in what quantities are counted. */
export function ChainHead() {
  const columns = usePreferences((preferences) => preferences[preferences.preset])
  const units = usePreferences((preferences) => preferences.units)
  const lastDay = useMarket(({ chain }) => isLastDay(chain))
  const cell = (name: string) => (id: ColumnId) => {
    const column = columnOf(id)
    const unit = 'inLots' in column && column.inLots && units === 'lots' ? ', in lots' : ''
    const isMarked = id === 'theta' && lastDay
    const side = `cell ${name}${column.kind === 'text' ? ' text' : ''}`
    return (
      <th
        key={id}
        scope="col"
        className={side}
        title={`${column.title}${unit}${isMarked ? `, ${LAST_DAY_THETA}` : ''}`}
      >
        {column.label}
        {isMarked ? '*' : null}
      </th>
    )
  }
  return (
    <thead>
      <tr className="row sides" aria-rowindex={1}>
        <th
          scope="colgroup"
          className="ce-head"
          colSpan={columns.length}
          style={{ gridColumn: `1 / span ${columns.length}` }}
        >
          Calls <span className="quiet">CE</span>
        </th>
        <th scope="col" className="strike-head">
          <span className="quiet">{units === 'lots' ? 'in lots' : 'in quantity'}</span>
        </th>
        <th
          scope="colgroup"
          className="pe-head"
          colSpan={columns.length}
          style={{ gridColumn: `span ${columns.length}` }}
        >
          <span className="quiet">PE</span> Puts
        </th>
      </tr>
      <tr className="row names" aria-rowindex={2}>
        {orderOf(columns, true).map(cell('ce'))}
        <th scope="col" className="strike">
          Strike
        </th>
        {columns.map(cell('pe'))}
      </tr>
    </thead>
  )
}
