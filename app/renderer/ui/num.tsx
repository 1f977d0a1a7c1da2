import { formatNumber, MISSING, type NumberKind, type QuantityStyle } from '../lib/format.ts'

interface NumProps {
  readonly kind: NumberKind
  /** null = does not exist. */
  readonly value: number | null
  readonly style?: QuantityStyle
  /** Written behind the number, quieter. */
  readonly unit?: string
}

/** Every number on the page: tabular figures, Indian grouping, a dash for what is missing. */
export function Num({ kind, value, style = 'full', unit }: NumProps) {
  const text = formatNumber(kind, value, style)
  if (text === MISSING) return <span className="num missing">{MISSING}</span>
  return (
    <span className="num">
      {text}
      {unit === undefined ? null : <span className="unit"> {unit}</span>}
    </span>
  )
}
