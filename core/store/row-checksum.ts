import { crc32 } from 'node:zlib'

export type SqlValue = number | string | Uint8Array | null

/**
 * crc32 of a row's values, kept in its column `checksum`: SQLite's own check passes over most flipped bits, since
 * another price is as good a price to it. Statements know it as `row_checksum(…)`.
 */
export function rowChecksum(values: readonly SqlValue[]): number {
  return crc32(rowText(values))
}

/** The one text of a row, for checksums and digests. */
export function rowText(values: readonly SqlValue[]): string {
  return JSON.stringify(values.map(plain))
}

function plain(value: SqlValue): number | string | null {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
}

/** The row with its checksum as the last column. */
export function withChecksum(values: readonly SqlValue[]): SqlValue[] {
  return [...values, rowChecksum(values)]
}
