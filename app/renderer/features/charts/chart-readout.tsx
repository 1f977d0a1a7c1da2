import { type MarkShape, Swatch } from './chart-marks.tsx'

export interface ReadoutLine {
  readonly name: string
  readonly text: string
  readonly color: string
  readonly shape: MarkShape
}

/** All values at one place of a chart. */
export interface Reading {
  readonly title: string
  readonly lines: readonly ReadoutLine[]
  /** Why something is missing there. */
  readonly note?: string | null
}

interface ReadoutProps<Row> {
  readonly rows: readonly Row[]
  readonly placeOfRow: (row: Row) => number
  readonly read: (row: Row) => Reading
  /** Given by the chart. */
  readonly active?: boolean
  readonly label?: unknown
}

/** What the crosshair says. */
export function Readout<Row>({ rows, placeOfRow, read, active, label }: ReadoutProps<Row>) {
  const row = active === true ? rows.find((one) => placeOfRow(one) === Number(label)) : undefined
  if (row === undefined) return null
  const { title, lines, note } = read(row)
  return (
    <div className="readout">
      <strong>{title}</strong>
      <dl>
        {lines.map(({ name, text, color, shape }) => (
          <div key={name}>
            <dt>
              <Swatch color={color} shape={shape} /> {name}
            </dt>
            <dd className="num">{text}</dd>
          </div>
        ))}
      </dl>
      {note == null ? null : <p>{note}</p>}
    </div>
  )
}
