import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildBundles } from './bundles.js'
import { runChecks } from './checks.ts'
import { allNeeds, provision } from './provision.ts'
import { add, closingLine, judge, readTestReport, type Tally } from './tally.ts'
import { ensureTestElectron } from './test-electron.ts'

const root = join(import.meta.dirname, '..')
/** Far above what the whole takes: a run that hangs is a failure, a slow machine is none. */
const DEADLINE_MS = 75 * 60_000
const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0 }

async function check(): Promise<Tally> {
  const results = await runChecks(root)
  const passed = results.filter((result) => result.passed).length
  return { passed, failed: results.length - passed, skipped: 0 }
}

/** The report of a run that was killed or broke down is missing or cut short: that counts as a failure. */
function readReport(file: string): Tally {
  try {
    const report = readTestReport(readFileSync(file, 'utf8'))
    for (const fault of report.broken) console.log(`broken: ${fault}`)
    for (const name of report.skipped) console.log(`skipped: ${name}`)
    return report.tally
  } catch (fault) {
    console.log(`the test report cannot be read: ${String(fault)}`)
    return { ...NOTHING, failed: 1 }
  }
}

/** Runs vitest in this terminal, to its end or the deadline; it dies with us. */
function runVitest(options: readonly string[]): Promise<number | null> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...options], {
      cwd: root,
      stdio: 'inherit',
      timeout: DEADLINE_MS,
    })
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => child.kill(signal))
    child.on('error', () => resolve(1))
    child.on('close', resolve)
  })
}

async function vitest(filters: readonly string[]): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'op-trading-test-'))
  try {
    const file = join(folder, 'report.json')
    const reporters = ['default', 'json', join(import.meta.dirname, 'stall-reporter.ts')].map(
      (name) => `--reporter=${name}`,
    )
    const status = await runVitest([...reporters, `--outputFile.json=${file}`, ...filters])
    return judge(readReport(file), status)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** `npm test [-- FILTER …]`: with filters, only those tests and no checks. */
async function main(filters: readonly string[]): Promise<Tally> {
  const missing = provision(await allNeeds())
  // Compiling leaves one processor to the checks.
  const electron = missing.length === 0 ? ensureTestElectron() : null
  const checks = filters.length === 0 && missing.length === 0 ? await check() : NOTHING
  const made = await electron
  if (made !== null && 'missing' in made) missing.push(made.missing)
  for (const sentence of missing) console.log(sentence)
  if (missing.length > 0) return add(checks, { ...NOTHING, failed: missing.length })
  // Once, before several test files want it at the same time.
  const fault = buildBundles(process.execPath)
  if (fault !== null) {
    console.log(fault)
    return add(checks, { ...NOTHING, failed: 1 })
  }
  return add(checks, await vitest(filters))
}

const total = await main(process.argv.slice(2))
const outcome = total.passed === 0 ? judge(total, 1) : total
console.log(closingLine(outcome))
process.exitCode = outcome.failed === 0 ? 0 : 1
