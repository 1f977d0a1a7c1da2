import { cpSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { DESKTOP_CALL_NAMES } from './core/contract/desktop.ts'
import { CALL_NAMES } from './core/contract/monitor-calls.ts'

const at = (...path: string[]) => join(import.meta.dirname, ...path)

/** What Electron and Node bring, and the packages with a binary of their own. */
const OUTSIDE = [
  'electron',
  'better-sqlite3',
  'koffi',
  ...builtinModules,
  ...builtinModules.map((name) => `node:${name}`),
]

/** Bundles that Electron loads by `require`. */
const commonJs = (name: 'main' | 'preload', target: string, input: Readonly<Record<string, string>>) => ({
  consumer: 'server' as const,
  resolve: { noExternal: true as const, external: OUTSIDE },
  build: {
    outDir: at('out', name),
    emptyOutDir: true,
    target,
    ssr: true,
    // A stack in a fault report names the function.
    minify: false,
    rolldownOptions: {
      input,
      external: OUTSIDE,
      output: { format: 'cjs' as const, entryFileNames: '[name].cjs', chunkFileNames: '[name]-[hash].cjs' },
    },
  },
})

const SWAGGER = 'node_modules/@fastify/swagger-ui/'

/** The files that the API's documentation shows lie beside the bundle of main. */
const documentation = {
  name: 'documentation-files',
  applyToEnvironment: ({ name }: { name: string }) => name === 'main',
  transform(code: string, id: string) {
    if (!id.includes(SWAGGER)) return null
    return code
      .replaceAll("path.join(__dirname, './static/logo.svg')", "path.join(__dirname, 'swagger-ui/logo.svg')")
      .replaceAll("path.join(__dirname, '..', 'static')", "path.join(__dirname, 'swagger-ui')")
  },
  closeBundle: () => cpSync(at(SWAGGER, 'static'), at('out/main/swagger-ui'), { recursive: true }),
}

/** `vite build`: the page alone; with `--app` also what Electron loads, and the command line. */
const bundles = {
  root: 'app/renderer',
  base: './',
  plugins: [react(), documentation],
  environments: {
    client: {
      build: {
        outDir: at('out/page'),
        emptyOutDir: true,
        target: 'chrome114',
        // The policy of the page allows no data: URLs.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        rolldownOptions: { input: [at('app/renderer/index.html'), at('app/renderer/notice.html')] },
      },
    },
    main: commonJs('main', 'node18', {
      index: at('app/main/index.ts'),
      optrade: at('core/cli/main.ts'),
      'archive-worker': at('core/runtime/archive-worker.ts'),
    }),
    preload: {
      ...commonJs('preload', 'chrome114', { index: at('app/preload/index.ts') }),
      // The names alone: the tables would bring their schemas into a script that runs before every page.
      define: {
        MONITOR_CALL_NAMES: JSON.stringify(CALL_NAMES),
        DESKTOP_CALL_NAMES: JSON.stringify(DESKTOP_CALL_NAMES),
      },
    },
  },
}

/** Test files of these folders, so many at a time; the next group waits for them. */
const files = (name: string, folders: readonly string[], groupOrder: number, maxWorkers: number) => ({
  extends: true as const,
  test: { name, include: folders.map((folder) => `${folder}/**/*.test.ts`), maxWorkers, sequence: { groupOrder } },
})

export default defineConfig(({ command }) =>
  command === 'build'
    ? bundles
    : {
        test: {
          testTimeout: 20_000,
          hookTimeout: 30_000,
          projects: [
            // They wait more than they work: one less than there are processors would be one on two.
            files('units', ['core', 'app', 'build', 'bench'], 0, Math.max(2, availableParallelism() - 1)),
            // Each of them starts a product and a browser or a window.
            files('e2e', ['e2e'], 1, Math.max(1, availableParallelism() - 1)),
          ],
        },
      },
)
