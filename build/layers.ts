/** What the files of a folder may import, besides the folder itself. Tests may import more: see `forTests`. */
interface Layer {
  /** Folders that it sees. */
  readonly sees: readonly string[]
  /** npm packages; types of them included. */
  readonly packages?: readonly string[]
  /** Whether it may use Node's own modules. */
  readonly node?: true
}

/** No Node, no DOM, no clock, no timers, no randomness. */
export const PURE_LAYERS = [
  'core/kernel',
  'core/domain',
  'core/pricing',
  'core/contract',
  'core/ports',
  'core/engine',
] as const

/** What an adapter implements or speaks; the engine itself it does not know. */
const forAdapters = ['core/kernel', 'core/domain', 'core/pricing', 'core/contract', 'core/ports']
const adapter = (...packages: string[]): Layer => ({ sees: forAdapters, packages, node: true })

/** All that runs, but the shells and what only tests may use. */
const forRuntime = [
  ...PURE_LAYERS,
  'core/config',
  'core/platform',
  'core/kite',
  'core/exchange',
  'core/journal',
  'core/store',
  'core/files',
  'core/cipher',
  'core/bus',
  'core/influx',
  'core/metrics',
  'core/auth',
  'core/http',
  'core/recovery',
  'core/operate',
]
const forShells = ['core/runtime', 'core/config', 'core/contract', 'core/domain', 'core/kernel']
const forTools = [...forShells, 'core/cli', 'core/testing']
const everything = [...forRuntime, 'core/runtime', 'core/cli', 'core/testing']

/**
 * The arrows of the house: folder -> what it may import. Whatever is not here is forbidden.
 * Rows of folders that do not exist yet keep their place.
 */
export const LAYERS: Readonly<Record<string, Layer>> = {
  'core/kernel': { sees: [] },
  'core/domain': { sees: ['core/kernel'] },
  'core/pricing': { sees: ['core/kernel', 'core/domain'] },
  'core/contract': { sees: ['core/kernel', 'core/domain'], packages: ['zod'] },
  'core/ports': { sees: ['core/kernel', 'core/domain', 'core/contract'] },
  'core/engine': { sees: forAdapters },

  'core/config': { sees: ['core/kernel', 'core/domain', 'core/contract'], packages: ['zod', 'dotenv'], node: true },

  'core/platform': adapter('koffi', 'pino', 'pino-pretty'),
  'core/kite': adapter('kiteconnect', 'ws', 'csv-parse', 'zod'),
  'core/exchange': adapter('ws', 'fastify', 'csv-parse', 'zod'),
  'core/journal': adapter('better-sqlite3', 'zod'),
  'core/store': adapter('better-sqlite3', 'zod'),
  'core/files': adapter('csv-parse', 'hyparquet', 'hyparquet-writer', 'zod'),
  'core/cipher': adapter('@noble/hashes', 'zod'),
  'core/bus': adapter('zod'),
  'core/influx': adapter('zod'),
  'core/metrics': adapter('prom-client'),
  'core/auth': adapter('zod'),
  'core/operate': adapter('nodemailer', 'zod'),

  'core/http': {
    sees: ['core/kernel', 'core/domain', 'core/contract', 'core/ports'],
    packages: [
      'fastify',
      'fastify-type-provider-zod',
      '@fastify/send',
      '@fastify/swagger',
      '@fastify/swagger-ui',
      'zod',
    ],
    node: true,
  },
  'core/recovery': { sees: forAdapters, packages: ['zod'], node: true },

  'core/runtime': { sees: forRuntime, packages: ['zod'], node: true },
  'core/cli': { sees: forShells, packages: ['commander', 'log-update', 'zod'], node: true },
  'core/testing': { sees: everything, packages: ['*'], node: true },

  'app/main': { sees: [...forShells, 'core/ports'], packages: ['electron', 'electron-updater', 'zod'], node: true },
  'app/preload': { sees: ['core/contract'], packages: ['electron'] },
  'app/renderer': {
    sees: ['core/contract', 'core/domain', 'core/pricing', 'core/kernel'],
    packages: ['react', 'react-dom', 'recharts', 'zustand', '@tanstack/react-virtual', 'zod'],
  },

  build: { sees: forTools, packages: ['*'], node: true },
  bench: { sees: [...everything, 'app/renderer', 'build', 'e2e'], packages: ['*'], node: true },
  e2e: { sees: [...forTools, 'app/renderer', 'build'], packages: ['*'], node: true },
}

/** What tests (`x.test.ts`) see beyond the row of their own folder. */
const forTests = [...PURE_LAYERS, 'core/testing']

interface Arrow {
  readonly from: { readonly path: string; readonly pathNot?: string }
  readonly to: {
    readonly path?: string
    readonly pathNot?: string
    readonly dependencyTypes?: DependencyKind[]
  }
}

type DependencyKind = 'core' | 'npm' | 'npm-dev' | 'npm-optional' | 'npm-peer'

const TEST_FILE = '\\.test\\.tsx?$'
const npm: DependencyKind[] = ['npm', 'npm-dev', 'npm-optional', 'npm-peer']

function arrowsFrom(from: Arrow['from'], folder: string, layer: Layer): Arrow[] {
  const folders = [folder, ...layer.sees].join('|')
  const arrows: Arrow[] = [{ from, to: { path: `^(${folders})/`, pathNot: TEST_FILE } }]
  const packages = layer.packages ?? []
  if (packages.includes('*')) arrows.push({ from, to: { dependencyTypes: npm } })
  else if (packages.length > 0) {
    arrows.push({ from, to: { path: `(^|/)node_modules/(@types/)?(${packages.join('|')})/` } })
  }
  if (layer.node) arrows.push({ from, to: { dependencyTypes: ['core'] } })
  return arrows
}

function arrowsOf(folder: string, layer: Layer): Arrow[] {
  const test: Layer = { sees: [...layer.sees, ...forTests], packages: ['*'], node: true }
  return [
    ...arrowsFrom({ path: `^${folder}/`, pathNot: TEST_FILE }, folder, layer),
    ...arrowsFrom({ path: `^${folder}/.*${TEST_FILE}` }, folder, test),
  ]
}

/** The allow-list for dependency-cruiser. */
export function allowedArrows(): Arrow[] {
  return Object.entries(LAYERS).flatMap(([folder, layer]) => arrowsOf(folder, layer))
}

/** Folder of the table that a path (`core/kite/decode.ts`) lies in, null for none. */
export function folderOf(path: string): string | null {
  return Object.keys(LAYERS).find((folder) => path.startsWith(`${folder}/`)) ?? null
}

/** One sentence that says what a file may import. */
export function mayImport(path: string): string {
  const folder = folderOf(path)
  const layer = folder === null ? undefined : LAYERS[folder]
  if (folder === null || layer === undefined) return `${path} lies in no folder of build/layers.ts`
  const packages = layer.packages ?? []
  const parts = [...layer.sees, ...packages.map((name) => (name === '*' ? 'any package' : name))]
  if (layer.node) parts.push("Node's modules")
  return `${folder} may import ${parts.length === 0 ? 'nothing but itself' : `itself, ${parts.join(', ')}`}`
}
