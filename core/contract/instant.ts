import { parseInstant } from '../domain/ist.ts'
import { OpError } from '../kernel/errors.ts'

/** An instant of a request (ISO, IST without an offset, or epoch milliseconds); throws `request_invalid` by its name. */
export function requireInstant(name: string, text: string): number {
  const instant = parseInstant(text)
  if (instant === null)
    throw new OpError('request_invalid', {
      reason: `${name}: ${text} is not an instant, such as 2026-11-23T10:30 in IST`,
    })
  return instant
}
