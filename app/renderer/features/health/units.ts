import { formatNumber, MISSING } from '../../lib/format.ts'

const SIZES = [
  [1e12, 'TB'],
  [1e9, 'GB'],
  [1e6, 'MB'],
] as const

/** `82.8 GB`, `305 MB`; a dash for null. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return MISSING
  const [size, unit] = SIZES.find(([least]) => bytes >= least) ?? [1e3, 'kB']
  const value = bytes / size
  return `${value < 100 && size >= 1e9 ? value.toFixed(1) : formatNumber('integer', value)} ${unit}`
}

/** A code in words: `feed_disconnected` is `feed disconnected`. */
export const words = (code: string): string => code.replaceAll('_', ' ')
