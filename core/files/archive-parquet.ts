import { closeSync, openSync, writeSync } from 'node:fs'
import { constants, zstdCompressSync } from 'node:zlib'
import type { Encoding, SchemaElement } from 'hyparquet'
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer'
import type { PlacedLeg } from '../domain/leg.ts'
import { type ArchiveColumn, archiveColumns } from './archive-columns.ts'
import { unwritable } from './line-file.ts'

export interface ArchiveParquetOptions {
  readonly compress: boolean
  /** IV and Greeks as doubles, for a day that has more digits of them than the record is to have. */
  readonly exact?: boolean
  /** Legs that are in memory at once, and in a row group. */
  readonly groupRows?: number
}

/** As many digits as a 64-bit integer has. */
const DECIMAL_PRECISION = 18
/** What every reader of zstd unpacks; each page is compressed once, and in the background. */
const ZSTD_LEVEL = 19

/** A column of a row group is one page: what zstd sees at once. */
const PAGE_BYTES = 8 * 1024 * 1024

/** What moves by much at every tick is shortest as differences. */
const DELTAS: ReadonlySet<string> = new Set(['volume', 'iv', 'gamma', 'theta', 'vega', 'rho'])
/** What often stays, or comes again in the next contract, is left to zstd; packed in bits, it would not find it. */
const PLAIN: ReadonlySet<string> = new Set([
  ...['ts', 'token', 'ltp', 'bid', 'ask', 'oi', 'oi_day_high', 'oi_day_low', 'open', 'high', 'low', 'close'],
  ...['delta', 'spot', 'forward', 'batch'],
])

/**
 * Writes the legs of a day as Parquet: columns of the contract and the leg's place in its batch, times as timestamps in
 * UTC milliseconds, prices, IV and Greeks as decimals, missing as null. Row groups follow each other in the order of the
 * record; within one, rows are sorted by contract, which halves the file. Returns the number of rows; throws
 * `file_unwritable`. Whoever deletes what it was made of reads it back before.
 */
export async function writeArchiveParquet(
  path: string,
  legs: Iterable<PlacedLeg>,
  { compress, exact = false, groupRows = 65_536 }: ArchiveParquetOptions,
): Promise<number> {
  const columns = archiveColumns(exact)
  const file = openSync(path, 'w', 0o600)
  let rows = 0
  try {
    const out = createOutput(columns, compress)
    for (const group of groupsOf(legs, groupRows)) {
      rows += group.length
      writeAll(file, out.group(group.sort(byContract)))
    }
    writeAll(file, out.end())
  } catch (fault) {
    throw unwritable(path, fault)
  } finally {
    closeSync(file)
  }
  return rows
}

function* groupsOf(legs: Iterable<PlacedLeg>, size: number): Generator<PlacedLeg[]> {
  let group: PlacedLeg[] = []
  for (const leg of legs) {
    group.push(leg)
    if (group.length < size) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}

/** Legs come in the order of the record, which the sort keeps within a contract. */
function byContract(a: PlacedLeg, b: PlacedLeg): number {
  if (a.symbol !== b.symbol) return a.symbol < b.symbol ? -1 : 1
  return 0
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
}

const compressed = (bytes: Uint8Array) =>
  zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL } })

/** The file as it grows: what each call returns stands behind the last. */
function createOutput(columns: readonly ArchiveColumn[], compress: boolean) {
  const writer = new ByteWriter()
  const parquet = new ParquetWriter({
    writer,
    schema: [{ name: 'leg', num_children: columns.length }, ...columns.map(elementOf)],
    codec: compress ? 'ZSTD' : 'UNCOMPRESSED',
    compressors: { ZSTD: compressed },
    createdBy: 'OP Trading',
  })
  const written = () => {
    const part = writer.getBytes().slice()
    // Its `offset` counts on: only what is held in memory begins anew.
    writer.index = 0
    return part
  }
  return {
    group(legs: readonly PlacedLeg[]) {
      const columnData = columns.map((column) => sourceOf(legs, column))
      void parquet.write({ columnData, rowGroupSize: legs.length, pageSize: PAGE_BYTES })
      return written()
    },
    end() {
      void parquet.finish()
      return written()
    },
  }
}

function elementOf({ name, kind, scale }: ArchiveColumn): SchemaElement {
  const element = { name, repetition_type: 'OPTIONAL' } as const
  if (scale !== null)
    return { ...element, type: 'INT64', converted_type: 'DECIMAL', scale, precision: DECIMAL_PRECISION }
  if (kind === 'text') return { ...element, type: 'BYTE_ARRAY', converted_type: 'UTF8' }
  if (kind === 'time') return { ...element, type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' }
  return { ...element, type: kind === 'integer' ? 'INT64' : 'DOUBLE' }
}

function sourceOf(legs: readonly PlacedLeg[], column: ArchiveColumn): ColumnSource {
  const encoding = encodingOf(column)
  return {
    name: column.name,
    // Asked for when its turn comes: one column is in memory a second time.
    get data() {
      return legs.map((leg) => cellOf(leg[column.name], column))
    },
    ...(encoding === null ? {} : { encoding }),
  }
}

/** null: a dictionary where one pays. */
function encodingOf({ name, kind, scale }: ArchiveColumn): Encoding | null {
  if (PLAIN.has(name)) return 'PLAIN'
  // Doubles have no differences.
  return DELTAS.has(name) && (scale !== null || kind === 'integer') ? 'DELTA_BINARY_PACKED' : null
}

function cellOf(value: PlacedLeg[keyof PlacedLeg], { kind, scale }: ArchiveColumn): string | number | bigint | null {
  if (typeof value !== 'number') return value
  if (scale !== null) return BigInt(Math.round(value * 10 ** scale))
  return kind === 'time' || kind === 'integer' ? BigInt(value) : value
}
