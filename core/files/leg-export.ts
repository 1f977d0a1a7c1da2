import { zstdCompressSync } from 'node:zlib'
import { ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'
import type { ExportFormat } from '../contract/legs.ts'
import { type ColumnKind, LEG_COLUMNS, type Leg } from '../domain/leg.ts'
import { createCsvFormat, createSpreadsheetFormat } from './leg-csv.ts'
import { createJsonlFormat } from './leg-jsonl.ts'
import type { LineFormat } from './line-format.ts'

/** Legs as a file that grows from its beginning to its end: what each call returns is to be written behind the last. */
export interface LegExport {
  add(legs: readonly Leg[]): Uint8Array
  /** What is still held back, and the end of the file. */
  end(): Uint8Array
}

/** A file for a user. `groupRows`: rows of a row group of Parquet, which are encoded in one go. */
export function createLegExport(format: ExportFormat, groupRows = GROUP_ROWS): LegExport {
  if (format === 'parquet') return createParquetExport(groupRows)
  return createLineExport(format === 'csv' ? createSpreadsheetFormat() : createJsonlFormat())
}

/** Legs as the recorder's own CSV has them, for programs. */
export function recorderCsv(legs: readonly Leg[]): Uint8Array {
  const file = createLineExport(createCsvFormat())
  return Buffer.concat([file.add(legs), file.end()])
}

function createLineExport(format: LineFormat): LegExport {
  let header: Uint8Array = format.header
  return {
    add(legs) {
      // An encoder uses its memory again for the next line.
      const bytes = Buffer.concat([header, ...legs.map((leg) => Uint8Array.from(format.encode(leg)))])
      header = new Uint8Array(0)
      return bytes
    },
    end: () => header,
  }
}

/** Rows of a row group: what a reader decodes at once, and what is held in memory here. */
const GROUP_ROWS = 65_536

const TYPES = { time: 'TIMESTAMP', integer: 'INT64', price: 'DOUBLE', number: 'DOUBLE', text: 'STRING' } as const

/** Parquet with zstd; times are timestamps in UTC milliseconds, whole numbers INT64, missing is null. */
function createParquetExport(groupRows: number): LegExport {
  const writer = new ByteWriter()
  const schema = schemaFromColumnData({ columnData: columnsOf([]) })
  const parquet = new ParquetWriter({
    writer,
    schema,
    codec: 'ZSTD',
    compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
    createdBy: 'OP Trading',
  })
  let rows: Leg[] = []
  const written = () => {
    const part = writer.getBytes().slice()
    // Its `offset` counts on: only what is held in memory begins anew.
    writer.index = 0
    return part
  }
  const writeGroup = () => {
    if (rows.length > 0) void parquet.write({ columnData: columnsOf(rows), rowGroupSize: groupRows })
    rows = []
  }
  return {
    add(legs) {
      rows.push(...legs)
      if (rows.length >= groupRows) writeGroup()
      return written()
    },
    end() {
      writeGroup()
      void parquet.finish()
      return written()
    },
  }
}

function columnsOf(legs: readonly Leg[]): ColumnSource[] {
  return LEG_COLUMNS.map(({ name, kind }) => ({
    name,
    type: TYPES[kind],
    nullable: true,
    data: legs.map((leg) => cellOf(leg[name], kind)),
  }))
}

function cellOf(value: string | number | null, kind: ColumnKind): string | number | bigint | null {
  const isWhole = kind === 'time' || kind === 'integer'
  return isWhole && typeof value === 'number' ? BigInt(Math.round(value)) : value
}
