import { closeSync, openSync, writeSync } from 'node:fs'
import { crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead, type SchemaElement } from 'hyparquet'
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer'
import { decimalsOf, LEG_COLUMNS, type Leg } from '../domain/leg.ts'
import { OpError } from '../kernel/errors.ts'
import { unwritable } from './line-file.ts'

export interface ArchiveParquetOptions {
  readonly compress: boolean
  /** Legs that are in memory at once, and in a row group. */
  readonly groupRows?: number
}

type Column = (typeof LEG_COLUMNS)[number]
/** As many digits as a 64-bit integer has. */
const DECIMAL_PRECISION = 18
const DELTAS = 'DELTA_BINARY_PACKED'
type Value = string | number | null
/** One checksum a column, over the values of a row group. */
type Checksums = readonly number[]

/**
 * Writes the legs of a day as Parquet: columns of the contract, times as timestamps in UTC milliseconds, prices, IV and
 * Greeks as decimals, missing as null. Row groups follow each other in time; within one, rows are sorted by contract and
 * time, which halves the file, and decimals are stored as differences of integers, which halves it again. What was written is read back from the disk and compared column by column. Returns the number of rows; throws
 * `file_unwritable`.
 */
export async function writeArchiveParquet(
  path: string,
  legs: Iterable<Leg>,
  { compress, groupRows = 131_072 }: ArchiveParquetOptions,
): Promise<number> {
  const file = openSync(path, 'w', 0o600)
  const groups: { readonly rows: number; readonly checksums: Checksums }[] = []
  try {
    const out = createOutput(compress)
    for (const group of groupsOf(legs, groupRows)) {
      const columns = columnsOf(group.sort(byContract))
      groups.push({ rows: group.length, checksums: columns.map(checksumOf) })
      writeAll(file, out.group(columns, group.length))
    }
    writeAll(file, out.end())
  } catch (fault) {
    throw unwritable(path, fault)
  } finally {
    closeSync(file)
  }
  const found = await readChecksums(path)
  if (JSON.stringify(found) !== JSON.stringify(groups))
    throw new OpError('file_unwritable', { path, reason: 'it does not give back what was written' })
  return groups.reduce((sum, { rows }) => sum + rows, 0)
}

function* groupsOf(legs: Iterable<Leg>, size: number): Generator<Leg[]> {
  let group: Leg[] = []
  for (const leg of legs) {
    group.push(leg)
    if (group.length < size) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}

/** Legs come in the order of the record, which the sort keeps within a contract. */
function byContract(a: Leg, b: Leg): number {
  if (a.symbol !== b.symbol) return a.symbol < b.symbol ? -1 : 1
  return 0
}

function columnsOf(legs: readonly Leg[]): readonly Value[][] {
  return LEG_COLUMNS.map(({ name }) => legs.map((leg) => leg[name]))
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
}

/** The file as it grows: what each call returns stands behind the last. */
function createOutput(compress: boolean) {
  const writer = new ByteWriter()
  const parquet = new ParquetWriter({
    writer,
    schema: [{ name: 'leg', num_children: LEG_COLUMNS.length }, ...LEG_COLUMNS.map(elementOf)],
    codec: compress ? 'ZSTD' : 'UNCOMPRESSED',
    compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
    createdBy: 'OP Trading',
  })
  const written = () => {
    const part = writer.getBytes().slice()
    // Its `offset` counts on: only what is held in memory begins anew.
    writer.index = 0
    return part
  }
  return {
    group(columns: readonly Value[][], rows: number) {
      void parquet.write({ columnData: sourcesOf(columns), rowGroupSize: rows })
      return written()
    },
    end() {
      void parquet.finish()
      return written()
    },
  }
}

function elementOf(column: Column): SchemaElement {
  const { name, kind } = column
  const scale = decimalsOf(column)
  const element = { name, repetition_type: 'OPTIONAL' } as const
  if (scale !== null)
    return { ...element, type: 'INT64', converted_type: 'DECIMAL', scale, precision: DECIMAL_PRECISION }
  if (kind === 'text') return { ...element, type: 'BYTE_ARRAY', converted_type: 'UTF8' }
  if (kind === 'time') return { ...element, type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' }
  return { ...element, type: kind === 'integer' ? 'INT64' : 'DOUBLE' }
}

function sourcesOf(columns: readonly Value[][]): ColumnSource[] {
  return LEG_COLUMNS.map((column, k) => {
    const data = (columns[k] ?? []).map((value) => cellOf(value, column))
    return decimalsOf(column) === null ? { name: column.name, data } : { name: column.name, data, encoding: DELTAS }
  })
}

function cellOf(value: Value, column: Column): Value | bigint {
  if (typeof value !== 'number') return value
  const scale = decimalsOf(column)
  if (scale !== null) return BigInt(Math.round(value * 10 ** scale))
  return column.kind === 'time' || column.kind === 'integer' ? BigInt(value) : value
}

/** What the reader makes of a decimal is off in its last bit: the number nearest to the decimal. */
function nearest(values: readonly (Value | bigint)[], column: Column): readonly (Value | bigint)[] {
  const scale = decimalsOf(column)
  if (scale === null) return values
  const unit = 10 ** scale
  return values.map((value) => (typeof value === 'number' ? Math.round(value * unit) / unit : value))
}

/** Of the values alone, not of how they are stored. */
function checksumOf(values: readonly (Value | bigint | undefined)[]): number {
  if (values.some((value) => typeof value === 'string'))
    return crc32(values.map((value) => (value === null || value === undefined ? '\0' : value)).join('\n'))
  const numbers = Float64Array.from(values, (value) =>
    value === null || value === undefined ? Number.NaN : Number(value),
  )
  return crc32(Buffer.from(numbers.buffer))
}

/** Read from the disk by another library than wrote it, a row group at a time. */
async function readChecksums(path: string) {
  const file = await asyncBufferFromFile(path)
  const parsers = { timestampFromMilliseconds: Number }
  const metadata = await parquetMetadataAsync(file)
  const groups: { readonly rows: number; readonly checksums: Checksums }[] = []
  let rowStart = 0
  for (const { num_rows } of metadata.row_groups) {
    const rows = Number(num_rows)
    const columns = new Map<string, (Value | bigint)[]>()
    await parquetRead({
      file,
      metadata,
      parsers,
      rowStart,
      rowEnd: rowStart + rows,
      compressors: { ZSTD: (bytes: Uint8Array) => zstdDecompressSync(bytes) },
      onChunk({ columnName, columnData }) {
        const known = columns.get(columnName) ?? []
        for (const value of columnData) known.push(value)
        columns.set(columnName, known)
      },
    })
    const checksums = LEG_COLUMNS.map((column) => checksumOf(nearest(columns.get(column.name) ?? [], column)))
    groups.push({ rows, checksums })
    rowStart += rows
  }
  return groups
}
