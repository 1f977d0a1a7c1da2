import { addDays, istDate, istInstant } from './ist.ts'

const TOKEN_ENDS_AT = '06:00'

/** When a Kite token that is good now dies: at about 06:00 IST of the next morning (kite.trade/docs/connect/v3/user). */
export function tokenEndsAt(wallNow: number): number {
  const today = istInstant(istDate(wallNow), TOKEN_ENDS_AT)
  return wallNow < today ? today : istInstant(addDays(istDate(wallNow), 1), TOKEN_ENDS_AT)
}
