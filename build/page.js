// Plain JavaScript for Node 20 without packages: builds the page (app/renderer -> out/page) when it is out of date.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './runtime.js'

/** What the page is made of: its own sources, the layers that it sees, and the tools by the lock. */
const SOURCES = ['app/renderer', 'core/contract', 'core/domain', 'core/kernel', 'core/pricing']
const SINGLE = ['package-lock.json', 'vite.config.ts']

function sourceFiles() {
  const files = SOURCES.filter((folder) => existsSync(join(projectRoot, folder))).flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
  )
  return [...files, ...SINGLE.map((file) => join(projectRoot, file)).filter(existsSync)].sort()
}

function wantedStamp() {
  const hash = createHash('sha256')
  for (const file of sourceFiles()) hash.update(`${file.slice(projectRoot.length)}\0`).update(readFileSync(file))
  return hash.digest('hex')
}

/**
 * Makes sure that out/page is the page of these sources, by the Node at `node`; 2 s when something has changed, else
 * some milliseconds. Returns one sentence when it cannot be built, null when all is well. The stamp is written last.
 */
export function buildPage(node) {
  if (!existsSync(join(projectRoot, 'app/renderer/index.html'))) return null
  const stampFile = join(projectRoot, 'out', 'page-stamp')
  const wanted = wantedStamp()
  const built = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : ''
  if (built === wanted && existsSync(join(projectRoot, 'out/page/index.html'))) return null
  console.error('optrade: building the page …')
  const vite = join(projectRoot, 'node_modules', 'vite', 'bin', 'vite.js')
  const result = spawnSync(node, [vite, 'build', '--logLevel', 'warn'], {
    cwd: projectRoot,
    encoding: 'utf8',
    // Tests have another NODE_ENV, and would get React's slow development build.
    env: { ...process.env, NODE_ENV: 'production' },
  })
  if (result.status !== 0) return `the page cannot be built: ${(result.stderr || String(result.error)).trim()}`
  mkdirSync(join(projectRoot, 'out'), { recursive: true })
  writeFileSync(stampFile, wanted)
  return null
}
