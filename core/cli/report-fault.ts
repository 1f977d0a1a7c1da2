import { toOpError } from '../kernel/errors.ts'

/** Says an error on stderr in one sentence with what to do about it; returns the exit status. */
export function reportFault(thrown: unknown): number {
  const fault = toOpError(thrown)
  process.stderr.write(`optrade: ${fault.message}\n${causesOf(fault)}${fault.hint}\n`)
  if (fault.code === 'internal' && thrown instanceof Error && process.env.DEBUG === 'true') {
    process.stderr.write(`${thrown.stack ?? ''}\n`)
  }
  return fault.spec.exit
}

/** The messages of the faults that an error gathers, a line each; empty where it gathers none. */
function causesOf({ cause }: Error): string {
  if (!(cause instanceof AggregateError)) return ''
  return cause.errors.map((fault: unknown) => `- ${toOpError(fault).message}\n`).join('')
}
