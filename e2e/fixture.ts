import { onTestFinished } from 'vitest'
import type { HealthReport } from '../core/contract/api-schema.ts'
import { eventually } from '../core/testing/eventually.ts'
import { COMMAND, type Launcher, type Running, readHealth, startOptrade, temporaryFolder } from './product.ts'

/** How long a fact may take on a machine that is busy with other things. */
export const PATIENCE_MS = 60_000

/** Runs something at the end of a test. Tests that run at the same time pass that of their own context. */
export type AtEnd = typeof onTestFinished

/** A folder that goes with the test. */
export function testFolder(atEnd: AtEnd = onTestFinished): string {
  const { path, remove } = temporaryFolder()
  atEnd(remove)
  return path
}

/** Starts `optrade …`; whatever is left of it ends with the test. */
export function startForTest(
  args: readonly string[],
  cwd: string,
  settings: Readonly<Record<string, string>> = {},
  atEnd: AtEnd = onTestFinished,
  launcher: Launcher = COMMAND,
): Running {
  const product = startOptrade(args, cwd, settings, launcher)
  atEnd(async () => {
    await product.stop('SIGKILL')
  })
  return product
}

/** Waits until the product has the issue, and returns its health. */
export function untilIssue(address: string, issue: string): Promise<HealthReport> {
  return eventually(async () => {
    const health = await readHealth(address)
    if (!health.issues.includes(issue)) throw new Error(`no ${issue} in ${JSON.stringify(health.components)}`)
    return health
  }, PATIENCE_MS)
}

/** Waits until nothing is wrong and more legs are durable than before. */
export function untilLegsFlow(address: string, before = 0): Promise<HealthReport> {
  return eventually(async () => {
    const health = await readHealth(address)
    const { durable_legs: legs } = health.record
    if (health.status !== 'healthy' || legs <= before)
      throw new Error(`${legs} legs after ${before}, ${JSON.stringify(health.components)}`)
    return health
  }, PATIENCE_MS)
}
