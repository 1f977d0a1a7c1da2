// Plain JavaScript for Node 20 without packages: builds the page (app/renderer -> out/page), and with it what Electron
// loads (app/main, app/preload -> out/main, out/preload), when they are out of date.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './runtime.js'

/** What decides what the bundles are, beside their own sources: the tools by the lock. */
const SINGLE = ['package-lock.json', 'vite.config.ts']

/** The page: its own sources and the layers that it sees. */
const PAGE = {
  what: 'the page',
  sources: ['app/renderer', 'core/contract', 'core/domain', 'core/kernel', 'core/pricing'],
  stamp: 'page-stamp',
  results: ['page/index.html'],
  args: [],
}

/** The whole desktop application: its runtime is all of core. */
const DESKTOP = {
  what: 'the desktop application',
  sources: ['app', 'core'],
  stamp: 'desktop-stamp',
  results: ['main/index.cjs', 'preload/index.cjs', 'page/index.html'],
  args: ['--app'],
}

function sourceFiles({ sources }) {
  const files = sources
    .filter((folder) => existsSync(join(projectRoot, folder)))
    .flatMap((folder) =>
      readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
    )
  return [...files, ...SINGLE.map((file) => join(projectRoot, file)).filter(existsSync)].sort()
}

function wantedStamp(bundle) {
  const hash = createHash('sha256')
  for (const file of sourceFiles(bundle)) hash.update(`${file.slice(projectRoot.length)}\0`).update(readFileSync(file))
  return hash.digest('hex')
}

const out = (...path) => join(projectRoot, 'out', ...path)

/** The stamps are written last, so that half a build counts as none. */
function build(node, bundle) {
  if (!existsSync(join(projectRoot, 'app/renderer/index.html'))) return null
  const wanted = wantedStamp(bundle)
  const built = existsSync(out(bundle.stamp)) ? readFileSync(out(bundle.stamp), 'utf8') : ''
  if (built === wanted && bundle.results.every((file) => existsSync(out(file)))) return null
  console.error(`optrade: building ${bundle.what} …`)
  // It holds the page as well.
  const pageStamp = bundle === PAGE ? null : wantedStamp(PAGE)
  const vite = join(projectRoot, 'node_modules', 'vite', 'bin', 'vite.js')
  const result = spawnSync(node, [vite, 'build', ...bundle.args, '--logLevel', 'warn'], {
    cwd: projectRoot,
    encoding: 'utf8',
    // Tests have another NODE_ENV, and would get React's slow development build.
    env: { ...process.env, NODE_ENV: 'production' },
  })
  if (result.status !== 0) return `${bundle.what} cannot be built: ${(result.stderr || String(result.error)).trim()}`
  mkdirSync(out(), { recursive: true })
  if (pageStamp !== null) writeFileSync(out(PAGE.stamp), pageStamp)
  writeFileSync(out(bundle.stamp), wanted)
  return null
}

/**
 * Makes sure that out/page is the page of these sources, by the Node at `node`; 2 s when something has changed, else
 * some milliseconds. Returns one sentence when it cannot be built, null when all is well.
 */
export function buildPage(node) {
  return build(node, PAGE)
}

/** The same for all bundles of the desktop application. */
export function buildDesktop(node) {
  return build(node, DESKTOP)
}
