/** Bytes that one recorded leg takes in journal, day store, CSV and JSONL, measured on a simulated market. */
const LEG_BYTES = 1_600
/** Of a session from 09:15 to 15:40. */
const SESSION_S = 23_100

/** Bytes in words: `350 MB`, `1.2 GB`. */
export function sizeWords(bytes: number): string {
  if (bytes >= 1e12) return `${(bytes / 1e12).toFixed(1)} TB`
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(bytes >= 1e11 ? 0 : 1)} GB`
  return `${Math.max(1, Math.round(bytes / 1e6))} MB`
}

/** What a trading day takes on the disk: as it was measured, before that from the rate of legs; null = not known. */
export function dayBytes(measured: number | null, legsPerSecond: number): number | null {
  if (measured !== null) return measured
  return legsPerSecond > 0 ? legsPerSecond * SESSION_S * LEG_BYTES : null
}
