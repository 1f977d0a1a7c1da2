import { spawn } from 'node:child_process'

/** One fault-finder; passes when its command exits with 0. */
export interface Check {
  readonly name: string
  /** A script and its arguments, run by this Node in the root of the repository. */
  readonly command: readonly string[]
}

export interface CheckResult {
  readonly name: string
  readonly passed: boolean
  readonly seconds: number
  readonly output: string
}

/** What stands between a change and the main branch, cheap to dear. */
export const CHECKS = {
  text: { name: 'text: no switched-off rules, no unfinished business', command: ['build/check-text.ts'] },
  biome: {
    name: 'biome: format, lint, sizes of functions and files',
    command: [
      'node_modules/@biomejs/biome/bin/biome',
      'ci',
      '--colors=off',
      '--error-on-warnings',
      '--max-diagnostics=60',
    ],
  },
  arrows: { name: 'arrows: who may import whom', command: ['build/check-arrows.ts'] },
  docs: { name: 'docs: generated pages are in step', command: ['build/docs.ts', '--check'] },
  knip: {
    name: 'knip: nothing unused',
    command: ['node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints'],
  },
  // The native compiler, four times as fast; the other one stays for the tools that ask it for types.
  types: { name: 'types: tsc', command: ['node_modules/typescript-native/bin/tsc', '-b', '--pretty', 'false'] },
  pure: {
    name: 'pure: layers without clock or chance',
    command: ['node_modules/eslint/bin/eslint.js', 'core', '--no-color'],
  },
  promises: {
    name: 'promises: rules on promises and unions that need types',
    command: ['node_modules/oxlint/bin/oxlint', '--type-aware', '--format=unix', '.'],
  },
} as const satisfies Record<string, Check>

/** Far above what a check takes: a tool that hangs is a failure, not a wait. */
const DEADLINE_MS = 5 * 60_000

/** Runs one check in `root` and keeps what it printed. */
export function runCheck(check: Check, root: string): Promise<CheckResult> {
  const begin = performance.now()
  return new Promise((resolve) => {
    const child = spawn(process.execPath, check.command, {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: DEADLINE_MS,
    })
    let output = ''
    const end = (passed: boolean) =>
      resolve({ name: check.name, passed, seconds: (performance.now() - begin) / 1000, output: output.trim() })
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString()
    })
    child.stderr.on('data', (data: Buffer) => {
      output += data.toString()
    })
    child.on('error', (fault) => {
      output += String(fault)
      end(false)
    })
    child.on('close', (status) => end(status === 0))
  })
}

/** Runs the checks of these names (none: all) one after another, tells of each, and returns every result. */
export async function runChecks(root: string, names: readonly string[] = []): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const [name, check] of Object.entries(CHECKS)) {
    if (names.length > 0 && !names.includes(name)) continue
    const result = await runCheck(check, root)
    results.push(result)
    console.log(`${result.passed ? 'pass' : 'FAIL'}  ${result.name}  (${result.seconds.toFixed(1)} s)`)
    if (!result.passed) console.log(result.output.replace(/^/gm, '      '))
  }
  return results
}
