import { ERRORS, type ErrorSpec } from './error-table.ts'

export type ErrorCode = keyof typeof ERRORS
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>

/** Fills `{name}` from details; an unknown name stays as it is, so that a mistake is seen. */
function fill(template: string, details: ErrorDetails): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => (name in details ? String(details[name]) : whole))
}

/** The only error class that the product throws on purpose. */
export class OpError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: { cause?: unknown }) {
    super(fill(ERRORS[code].message, details), options)
    this.name = 'OpError'
    this.code = code
    this.details = details
  }

  get spec(): ErrorSpec {
    return ERRORS[this.code]
  }

  get hint(): string {
    return fill(ERRORS[this.code].hint, this.details)
  }
}

/** Any thrown thing as an OpError: ours as it is, everything else as `internal` with its message and cause. */
export function toOpError(fault: unknown): OpError {
  if (fault instanceof OpError) return fault
  const reason = fault instanceof Error ? fault.message : String(fault)
  return new OpError('internal', { reason }, { cause: fault })
}
