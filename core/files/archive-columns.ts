import { decimalsOf, LEG_COLUMNS, type PlacedLeg } from '../domain/leg.ts'

/** A column of the archive's Parquet: those of a leg, and its place in its batch. */
export interface ArchiveColumn {
  readonly name: keyof PlacedLeg
  readonly kind: (typeof LEG_COLUMNS)[number]['kind']
  /** Decimals it is stored with; null: it is no decimal. */
  readonly scale: number | null
}

/** `exact`: numbers as doubles, whatever their digits; otherwise IV and Greeks as the decimals that the record has. */
export function archiveColumns(exact: boolean): readonly ArchiveColumn[] {
  const columns = LEG_COLUMNS.map((column) => ({
    name: column.name,
    kind: column.kind,
    scale: exact && column.kind !== 'price' ? null : decimalsOf(column),
  }))
  return [...columns, { name: 'row', kind: 'integer', scale: null }]
}
