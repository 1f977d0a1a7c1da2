import { z } from 'zod'

/** What a run comes to. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
})

export interface TestReport {
  readonly tally: Tally
  /** Full names. */
  readonly skipped: readonly string[]
  /** Files that failed without a failed test in them: a fault at import, or in a hook. */
  readonly broken: readonly string[]
}

/** Reads the JSON report of vitest. Throws when it is not one. */
export function readTestReport(json: string): TestReport {
  const files = report.parse(JSON.parse(json)).testResults
  const tests = files.flatMap((file) => file.assertionResults)
  const failed = tests.filter((test) => test.status === 'failed').length
  const passed = tests.filter((test) => test.status === 'passed').length
  const broken = files.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  )
  return {
    tally: { passed, failed: failed + broken.length, skipped: tests.length - passed - failed },
    skipped: tests.filter((test) => test.status !== 'failed' && test.status !== 'passed').map((test) => test.fullName),
    broken: broken.map((file) => `${file.name}: ${file.message}`),
  }
}

/** A run that ended badly has at least one failure, whatever its report says. */
export function judge(tally: Tally, exitStatus: number | null): Tally {
  return exitStatus !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally
}

export function add(...tallies: readonly Tally[]): Tally {
  const sum = (pick: (tally: Tally) => number) => tallies.reduce((total, tally) => total + pick(tally), 0)
  return { passed: sum((one) => one.passed), failed: sum((one) => one.failed), skipped: sum((one) => one.skipped) }
}

/** The closing line of `npm test`; scripts read it. */
export function closingLine(tally: Tally): string {
  return `${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`
}
