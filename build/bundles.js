// Plain JavaScript for Node 20 without packages: builds the page (app/renderer -> out/page), what Electron loads (app/main,
// app/preload -> out/main, out/preload) and the command line (core/cli -> out/main), when they are out of date.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lazily, projectRoot } from './runtime.js'

/** The tools, by the lock, and what they are told. */
const FILES = ['package-lock.json', 'vite.config.ts']
const RESULTS = ['main/index.cjs', 'main/optrade.cjs', 'preload/index.cjs', 'page/index.html']

const at = (...path) => join(projectRoot, ...path)
const out = (...path) => at('out', ...path)
const stampFile = out('stamp')

/** Files below these folders, and folders too: a file that is gone makes its folder newer. */
function sources(...folders) {
  const found = folders.map((folder) => at(folder)).filter((folder) => existsSync(folder))
  const single = FILES.map((file) => at(file)).filter((path) => existsSync(path))
  return [...found.flatMap(below), ...single.map((path) => ({ path, isFile: true }))]
}

/** By hand: a start waits for it. */
function below(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return [{ path, isFile: false }, ...below(path)]
    return /\.test\.tsx?$/.test(entry.name) ? [] : [{ path, isFile: true }]
  })
}

function wantedStamp() {
  const hash = lazily('node:crypto').createHash('sha256')
  const files = sources('app', 'core').flatMap(({ path, isFile }) => (isFile ? [path] : []))
  for (const file of files.sort()) hash.update(`${file.slice(projectRoot.length)}\0`).update(readFileSync(file))
  return hash.digest('hex')
}

const isThere = () => RESULTS.every((file) => existsSync(out(file))) && existsSync(stampFile)

/**
 * Makes sure that `out` holds what these sources give, by the Node at `node`; some seconds when something has changed, else
 * some milliseconds. Returns one sentence when it cannot be built, null when all is well.
 */
export function buildBundles(node) {
  if (!existsSync(at('app/renderer/index.html'))) return null
  const wanted = wantedStamp()
  if (isThere() && readFileSync(stampFile, 'utf8') === wanted) return null
  console.error('optrade: building the application …')
  const began = new Date()
  const result = lazily('node:child_process').spawnSync(
    node,
    [at('node_modules/vite/bin/vite.js'), 'build', '--app', '--logLevel', 'warn'],
    {
      cwd: projectRoot,
      encoding: 'utf8',
      // Tests have another NODE_ENV, and would get React's slow development build.
      env: { ...process.env, NODE_ENV: 'production' },
    },
  )
  if (result.status !== 0) return `the application cannot be built: ${(result.stderr || String(result.error)).trim()}`
  mkdirSync(out(), { recursive: true })
  // Last, so that half a build counts as none; what was edited meanwhile is newer.
  writeFileSync(stampFile, wanted)
  utimesSync(stampFile, began, began)
  return null
}

/**
 * Path of the bundled command line, which starts in two thirds of the time of its sources; null when one of those is newer. By
 * time stamps, since a start should not read every source. The page is none of it.
 */
export function commandLineBundle() {
  if (!isThere()) return null
  const built = statSync(stampFile).mtimeMs
  return sources('core').every(({ path }) => statSync(path).mtimeMs < built) ? out('main/optrade.cjs') : null
}
