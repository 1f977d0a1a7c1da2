const MS_PER_YEAR = 365 * 86_400 * 1000

/**
 * Years from now to the instant that fixes the settlement, ACT/365 to the millisecond; both in epoch milliseconds.
 * No floor: the last seconds of an expiry day are seconds. 0 at and after the fix.
 */
export function yearsTo(settlementFixMs: number, nowMs: number): number {
  return Math.max(settlementFixMs - nowMs, 0) / MS_PER_YEAR
}
