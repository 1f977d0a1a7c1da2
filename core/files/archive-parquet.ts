import { closeSync, openSync, writeSync } from 'node:fs'
import { crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from 'hyparquet'
import { ByteWriter, type ColumnSource, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'
import { type ColumnKind, LEG_COLUMNS, type Leg } from '../domain/leg.ts'
import { OpError } from '../kernel/errors.ts'
import { unwritable } from './line-file.ts'

export interface ArchiveParquetOptions {
  readonly compress: boolean
  /** Legs that are in memory at once, and in a row group. */
  readonly groupRows?: number
}

const TYPES = { time: 'TIMESTAMP', integer: 'INT64', price: 'DOUBLE', number: 'DOUBLE', text: 'STRING' } as const
type Value = string | number | null
/** One checksum a column, over the values of a row group. */
type Checksums = readonly number[]

/**
 * Writes the legs of a day as Parquet: columns of the contract, times as timestamps in UTC milliseconds, missing as null.
 * Row groups follow each other in time; within one, rows are sorted by contract and time, which halves the file. What
 * was written is read back from the disk and compared column by column. Returns the number of rows; throws
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
  const schema = schemaFromColumnData({ columnData: sourcesOf(LEG_COLUMNS.map(() => [])) })
  const parquet = new ParquetWriter({
    writer,
    schema,
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

function sourcesOf(columns: readonly Value[][]): ColumnSource[] {
  return LEG_COLUMNS.map(({ name, kind }, k) => ({
    name,
    type: TYPES[kind],
    nullable: true,
    data: (columns[k] ?? []).map((value) => cellOf(value, kind)),
  }))
}

function cellOf(value: Value, kind: ColumnKind): Value | bigint {
  const isWhole = kind === 'time' || kind === 'integer'
  return isWhole && typeof value === 'number' ? BigInt(value) : value
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
    groups.push({ rows, checksums: LEG_COLUMNS.map(({ name }) => checksumOf(columns.get(name) ?? [])) })
    rowStart += rows
  }
  return groups
}
