import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  cruise,
  type ICruiseOptions,
  type ICruiseResult,
  type IFlattenedRuleSet,
  type IViolation,
} from 'dependency-cruiser'
import { allowedArrows, folderOf, LAYERS, mayImport } from './layers.ts'

const ruleSet: IFlattenedRuleSet = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-testing-in-production',
      severity: 'error',
      from: { pathNot: '^(core/testing|bench|e2e|build)/|\\.test\\.tsx?$' },
      to: { path: '^core/testing/|\\.test\\.tsx?$' },
    },
  ],
  allowed: allowedArrows(),
  allowedSeverity: 'error',
}

const REMEDIES: Readonly<Record<string, string>> = {
  'no-cycles': 'move what both need into a file of its own',
  'no-unresolved': 'there is no such file or package',
  'no-testing-in-production': 'core/testing and test files are imported by tests only',
}

const resolveOptions = {
  exportsFields: ['exports'],
  conditionNames: ['import', 'node', 'default', 'types'],
  extensions: ['.ts', '.tsx', '.js', '.d.ts'],
}

async function cruiseRoots(root: string, options: ICruiseOptions): Promise<ICruiseResult | string> {
  const roots = ['core', 'app', 'build', 'bench', 'e2e'].filter((folder) => existsSync(join(root, folder)))
  const result = await cruise(
    roots,
    {
      baseDir: root,
      doNotFollow: { path: 'node_modules' },
      tsPreCompilationDeps: true,
      preserveSymlinks: true,
      ...options,
    },
    resolveOptions,
  )
  return result.output
}

function describe(violation: IViolation): string {
  const { from, rule } = violation
  if (rule.name === 'no-cycles') {
    const way = [from, ...(violation.cycle ?? []).map((step) => step.name)].join(' -> ')
    return `${rule.name}: ${way}: ${REMEDIES[rule.name]}`
  }
  return `${rule.name}: ${arrowOf(violation)}: ${REMEDIES[rule.name] ?? mayImport(from)}`
}

const arrowOf = (violation: IViolation): string => `${violation.from} -> ${violation.to}`

/** Folders under core/ and app/ that build/layers.ts has no row for; the cruiser does not see a folder without imports. */
function foldersWithoutRow(root: string): string[] {
  const parents = ['core', 'app'].filter((folder) => existsSync(join(root, folder)))
  const folders = parents.flatMap((parent) =>
    readdirSync(join(root, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${parent}/${entry.name}`),
  )
  return folders
    .filter((folder) => !(folder in LAYERS))
    .map((folder) => `no-row: ${folder} is missing in build/layers.ts`)
}

/** Everything that is wrong with the imports below `root`, one line a fault. */
export async function arrowFaults(root: string): Promise<string[]> {
  const result = await cruiseRoots(root, { validate: true, ruleSet })
  if (typeof result === 'string') throw new Error('dependency-cruiser answered with text')
  const seen = result.modules.filter((module) => folderOf(module.source) !== null).length
  // An unsupported TypeScript makes the cruiser see nothing and pass.
  if (seen === 0) return ['no-modules: dependency-cruiser saw no module']
  const violations = result.summary.violations
  const unresolved = new Set(violations.filter((one) => one.rule.name === 'no-unresolved').map(arrowOf))
  const worthSaying = violations.filter((one) => one.rule.name !== 'not-in-allowed' || !unresolved.has(arrowOf(one)))
  return [...foldersWithoutRow(root), ...worthSaying.map(describe)]
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>

/** Folder -> folders that it imports, as the code is. */
function folderGraph(result: ICruiseResult): Graph {
  const graph = new Map<string, Set<string>>()
  for (const { source, dependencies } of result.modules) {
    for (const { resolved } of dependencies) {
      const [from, to] = [folderOf(source), folderOf(resolved)]
      if (from !== null && to !== null && from !== to) graph.set(from, (graph.get(from) ?? new Set()).add(to))
    }
  }
  return graph
}

/** Whether `to` can be reached from `from` in one step or more. */
function reaches(graph: Graph, from: string, to: string): boolean {
  const found = new Set(graph.get(from))
  for (const folder of found) for (const next of graph.get(folder) ?? []) found.add(next)
  return found.has(to)
}

/** Arrows that do not follow from two others: what remains shows the layers. */
function essentialArrows(graph: Graph): string[] {
  return [...graph].flatMap(([from, targets]) =>
    [...targets]
      .filter((to) => ![...targets].some((between) => reaches(graph, between, to)))
      .map((to) => `${nodeOf(from)} --> ${nodeOf(to)}`),
  )
}

const nodeOf = (folder: string): string => folder.replace('core/', '').replace('/', '-')

/** Mermaid graph of the folders of core and app and what imports what; tests and their helpers left out. */
export async function arrowGraph(root: string): Promise<string> {
  const result = await cruiseRoots(root, {
    includeOnly: '^(core|app)/',
    exclude: '\\.test\\.tsx?$|^core/testing/|\\.d\\.ts$',
  })
  if (typeof result === 'string') throw new Error('dependency-cruiser answered with text')
  const lines = essentialArrows(folderGraph(result))
    .sort()
    .map((arrow) => `  ${arrow}`)
  return ['flowchart TD', ...lines].join('\n')
}
