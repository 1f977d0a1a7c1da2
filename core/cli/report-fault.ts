import { toOpError } from '../kernel/errors.ts'

/** Says an error on stderr in one sentence with what to do about it; returns the exit status. */
export function reportFault(thrown: unknown): number {
  const fault = toOpError(thrown)
  process.stderr.write(`optrade: ${fault.message}\n${fault.hint}\n`)
  if (fault.code === 'internal' && thrown instanceof Error && process.env.DEBUG === 'true') {
    process.stderr.write(`${thrown.stack ?? ''}\n`)
  }
  return fault.spec.exit
}
