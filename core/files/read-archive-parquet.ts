import { zstdDecompressSync } from 'node:zlib'
import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetRead } from 'hyparquet'
import type { PlacedLeg } from '../domain/leg.ts'
import { type ArchiveColumn, archiveColumns } from './archive-columns.ts'

type Cell = string | number | bigint | null | undefined
type Cells = ReadonlyMap<string, ArrayLike<Cell>>

/**
 * The legs in the Parquet file of an archived day, in the order of the record, each part those of a row group: one is in
 * memory at a time. Throws what the disk says and what is wrong with the file.
 */
export async function* readArchiveParquet(path: string): AsyncGenerator<Iterable<PlacedLeg>> {
  const file = await asyncBufferFromFile(path)
  const metadata = await parquetMetadataAsync(file)
  const columns = columnsIn(metadata)
  let rowStart = 0
  for (const { num_rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(num_rows)
    const cells = new Map<string, ArrayLike<Cell>>()
    await parquetRead({
      ...{ file, metadata, rowStart, rowEnd },
      parsers: { timestampFromMilliseconds: Number },
      compressors: { ZSTD: (bytes: Uint8Array) => zstdDecompressSync(bytes) },
      onChunk({ columnName, columnData }) {
        const known = cells.get(columnName)
        // Nearly always a column has one page.
        cells.set(columnName, known === undefined ? columnData : [...Array.from(known), ...columnData])
      },
    })
    yield legsOf(cells, columns, rowEnd - rowStart)
    rowStart = rowEnd
  }
}

/** As they were written: without a scale where they are doubles. */
function columnsIn({ schema }: FileMetaData): readonly ArchiveColumn[] {
  const isExact = schema.find(({ name }) => name === 'iv')?.type === 'DOUBLE'
  return archiveColumns(isExact)
}

/** Row groups are sorted by contract; this gives them back in the order of the record. */
function* legsOf(cells: Cells, columns: readonly ArchiveColumn[], rows: number): Generator<PlacedLeg> {
  const sources = columns.map((column) => ({ column, of: cells.get(column.name) ?? [] }))
  for (const at of orderOf(cells, rows)) {
    const leg: Record<string, string | number | null> = {}
    for (const { column, of } of sources) leg[column.name] = plainOf(of[at], column)
    if (!isLeg(leg)) throw new Error(`a leg is not whole: ${JSON.stringify(leg)}`)
    yield leg
  }
}

/** What every leg has; the rest may be missing. */
const NEVER_NULL = [
  ...(['ts', 'index', 'bucket', 'expiry', 'strike', 'offset', 'right', 'symbol', 'token'] as const),
  ...(['batch', 'source', 'iv_status', 'row'] as const),
] satisfies readonly (keyof PlacedLeg)[]

function isLeg(cells: object): cells is PlacedLeg {
  const leg: Partial<Record<keyof PlacedLeg, unknown>> = cells
  return NEVER_NULL.every((name) => leg[name] !== null && leg[name] !== undefined)
}

/** Rows of a group by their batch, and their place in it. */
function orderOf(cells: Cells, rows: number): Uint32Array {
  const keys = new Float64Array(3 * rows)
  for (let at = 0; at < rows; at += 1) {
    const [epoch, seq] = String(cells.get('batch')?.[at]).split('-')
    keys.set([Number(epoch), Number(seq), Number(cells.get('row')?.[at])], 3 * at)
  }
  const key = (at: number, part: number) => keys[3 * at + part] ?? 0
  return Uint32Array.from({ length: rows }, (_, at) => at).sort(
    (a, b) => key(a, 0) - key(b, 0) || key(a, 1) - key(b, 1) || key(a, 2) - key(b, 2),
  )
}

function plainOf(cell: Cell, { scale }: ArchiveColumn): string | number | null {
  if (cell === null || cell === undefined || typeof cell === 'string') return cell ?? null
  if (scale === null) return Number(cell)
  // What the reader makes of a decimal is off in its last bit: the number nearest to the decimal.
  const unit = 10 ** scale
  return Math.round(Number(cell) * unit) / unit
}
