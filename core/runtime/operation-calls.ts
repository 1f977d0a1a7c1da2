import type { CallHandlers } from '../ports/monitor-api.ts'
import { type CoverageDeps, createCoverageCall } from './coverage-call.ts'
import type { LogMemory } from './log-memory.ts'

export interface OperationDeps {
  readonly coverage: CoverageDeps
  readonly log: LogMemory
  readonly readiness: CallHandlers['readiness']
  readonly session: { setPaused(paused: boolean): void; pausedSince(): number | null }
}

/** What keeps the product running, as pages and programs ask for it. */
export function createOperationCalls({ coverage, log, readiness, session }: OperationDeps) {
  return {
    coverage: createCoverageCall(coverage),
    log: log.read,
    readiness,
    setCollecting({ paused }) {
      session.setPaused(paused)
      return { paused: session.pausedSince() !== null }
    },
  } satisfies Partial<CallHandlers>
}
