import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHECKS, type CheckResult, runCheck } from './checks.ts'

const root = join(import.meta.dirname, '..')

/** A small house of its own: the real tools and their real settings, and what the generated pages are made of. */
const COPIED = [
  '.gitignore',
  '.oxlintrc.json',
  'biome.json',
  'build',
  'core/config',
  'core/contract',
  'core/domain',
  'core/kernel',
  'docs',
  'eslint.config.js',
  'knip.json',
  'package.json',
  'tsconfig.base.json',
  'tsconfig.json',
  'tsconfig.node.json',
  'tsconfig.pure.json',
  'tsconfig.test.json',
  'tsconfig.web.json',
  'vite.config.ts',
]

const lines = (count: number, line: string): string => `${line}\n`.repeat(count)

/** One fault of each kind; the path says where it belongs. */
const FAULTS: Readonly<Record<string, string>> = {
  'core/cli/main.ts': "import '../runtime/used.ts'\nimport '../kite/fault-arrow.ts'\n",
  'core/cli/fault-types.ts': "export const count: number = 'two'\n",
  'core/domain/fault-node.ts':
    "import { readFileSync } from 'node:fs'\n\nexport const text = readFileSync('x', 'utf8')\n",
  'core/cli/fault-any.ts': 'export const loose = (value: any): string => value\n',
  'core/cli/fault-format.ts': 'export const   wide = "double";\n',
  'core/cli/FaultName.ts': 'export const name = 1\n',
  'core/cli/fault-long-file.ts': lines(401, 'export {}'),
  'core/cli/fault-long-function.ts': `export function long(values: number[]): void {\n${lines(61, '  values.push(1)')}}\n`,
  'core/cli/fault-focused.test.ts': "import { it } from 'vitest'\n\nit.only('alone', () => {})\n",
  'core/cli/fault-silenced.ts': '// @ts' + '-expect-error\nexport const silent: number = null\n',
  'core/runtime/used.ts': 'export const neverUsed = 1\n',
  'core/kite/fault-arrow.ts': "import '../store/day-store.ts'\nimport 'better-sqlite3'\n",
  'core/store/day-store.ts': 'export const dayStore = 1\n',
  'core/kernel/fault-arrow.ts': "import '../domain/planted.ts'\n",
  'core/domain/planted.ts': 'export const planted = 1\n',
  'core/http/cycle-a.ts': "import './cycle-b.ts'\n\nexport const a = 1\n",
  'core/http/cycle-b.ts': "import './cycle-a.ts'\n\nexport const b = 1\n",
  'core/runtime/fault-testing.ts': "import '../testing/fake.ts'\n",
  'core/runtime/fault-unresolved.ts': "import './nowhere.ts'\n",
  'core/testing/fake.ts': 'export const fake = 1\n',
  'core/utilities/fault-folder.ts': 'export const stray = 1\n',
  'core/runtime/fault-floating.ts':
    'export async function save(): Promise<void> {}\n\nexport function run(): void {\n  save()\n}\n',
  'core/runtime/fault-misused.ts':
    'const save = async (): Promise<void> => {}\n\nexport const run = (): void => [1].forEach(save)\n',
  'core/runtime/fault-switch.ts':
    "export function sign(right: 'CE' | 'PE'): number {\n  switch (right) {\n    case 'CE':\n      return 1\n  }\n  return -1\n}\n",
  'core/pricing/fault-now.ts': 'export const now = (): number => Date.now()\n',
  'core/pricing/fault-date.ts': 'export const today = (): Date => new Date()\n',
  'core/pricing/fault-random.ts': 'export const chance = (): number => Math.random()\n',
  'core/pricing/fault-timer.ts': 'export const later = (run: () => void): unknown => setTimeout(run, 1)\n',
  'core/pricing/given-date.ts': 'export const day = (ms: number): string => new Date(ms).toISOString()\n',
  'docs/errors.md': '# Errors\n',
}

/** What each fault must make its check say. */
const FINDINGS: readonly (readonly [fault: string, check: keyof typeof CHECKS, message: RegExp])[] = [
  ['a silenced rule', 'text', /core\/cli\/fault-silenced\.ts:1: @ts-expect-error/],
  ['any', 'biome', /fault-any\.ts\S* lint\/suspicious\/noExplicitAny/],
  ['bad format', 'biome', /fault-format\.ts format/],
  ['a name that is not kebab-case', 'biome', /FaultName\.ts\S* lint\/style\/useFilenamingConvention/],
  ['a file over 400 lines', 'biome', /fault-long-file\.ts\S* lint\/style\/noExcessiveLinesPerFile/],
  ['a function over 60 lines', 'biome', /fault-long-function\.ts\S* lint\/complexity\/noExcessiveLinesPerFunction/],
  ['a focused test', 'biome', /fault-focused\.test\.ts\S* lint\/suspicious\/noFocusedTests/],
  [
    'an adapter that knows another',
    'arrows',
    /not-in-allowed: core\/kite\/fault-arrow\.ts -> core\/store\/day-store\.ts/,
  ],
  ["another adapter's package", 'arrows', /not-in-allowed: core\/kite\/fault-arrow\.ts -> \S*better-sqlite3/],
  [
    'an arrow against the direction',
    'arrows',
    /not-in-allowed: core\/kernel\/fault-arrow\.ts -> core\/domain\/planted\.ts/,
  ],
  ['Node in a pure layer', 'arrows', /not-in-allowed: core\/domain\/fault-node\.ts -> fs/],
  ['a cycle', 'arrows', /no-cycles: core\/http\/cycle-a\.ts -> core\/http\/cycle-b\.ts -> core\/http\/cycle-a\.ts/],
  [
    'core/testing in production code',
    'arrows',
    /no-testing-in-production: core\/runtime\/fault-testing\.ts -> core\/testing\/fake\.ts/,
  ],
  ['an import of nothing', 'arrows', /no-unresolved: core\/runtime\/fault-unresolved\.ts -> \.\/nowhere\.ts/],
  ['a folder without a row', 'arrows', /no-row: core\/utilities is missing/],
  ['a generated page out of step', 'docs', /docs\/errors\.md is out of step/],
  ['an unused export', 'knip', /neverUsed\s+core\/runtime\/used\.ts/],
  ['an unused file', 'knip', /core\/runtime\/fault-switch\.ts/],
  ['an unused package', 'knip', /prom-client\s+package\.json/],
  ['a type error', 'types', /core\/cli\/fault-types\.ts\(1,14\): error TS2322/],
  [
    'a timer in a pure layer',
    'types',
    /core\/pricing\/fault-timer\.ts\(\d+,\d+\): error TS2304: Cannot find name 'setTimeout'/,
  ],
  ['a floating promise', 'promises', /fault-floating\.ts:\d+.*no-floating-promises/],
  ['a promise where none is awaited', 'promises', /fault-misused\.ts:\d+.*no-misused-promises/],
  ['a case that is missing', 'promises', /fault-switch\.ts:\d+.*switch-exhaustiveness-check/],
  ['Date.now in a pure layer', 'pure', /fault-now\.ts\n.*No Date\.now/],
  ['new Date() in a pure layer', 'pure', /fault-date\.ts\n.*No new Date\(\)/],
  ['Math.random in a pure layer', 'pure', /fault-random\.ts\n.*No Math\.random/],
]

let house = ''
const results = new Map<string, CheckResult>()

/** The packages by links one by one, so that the caches of the tools below node_modules stay apart. */
function linkPackages(): void {
  mkdirSync(join(house, 'node_modules'))
  for (const entry of readdirSync(join(root, 'node_modules'))) {
    if (entry.startsWith('.')) continue
    symlinkSync(join(root, 'node_modules', entry), join(house, 'node_modules', entry), 'junction')
  }
}

beforeAll(async () => {
  house = mkdtempSync(join(tmpdir(), 'op-trading-rules-'))
  for (const path of COPIED) cpSync(join(root, path), join(house, path), { recursive: true })
  linkPackages()
  for (const [path, text] of Object.entries(FAULTS)) {
    mkdirSync(dirname(join(house, path)), { recursive: true })
    writeFileSync(join(house, path), text)
  }
  for (const [name, check] of Object.entries(CHECKS)) results.set(name, await runCheck(check, house))
}, 180_000)

afterAll(() => rmSync(house, { recursive: true, force: true }))

describe('the checks', () => {
  it.each(FINDINGS)('find %s (%s)', (_fault, name, message) => {
    const result = results.get(name)
    expect(result?.passed).toBe(false)
    expect(result?.output).toMatch(message)
  })

  it('let a date of a given value pass in a pure layer', () => {
    const outputs = [...results.values()].map((result) => result.output).join('\n')
    expect(outputs).toContain('core/pricing/fault-date.ts')
    expect(results.get('pure')?.output).not.toContain('given-date.ts')
  })
})
