// Plain JavaScript for Node 20 without packages: installs what is missing, then runs a script on the pinned Node.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildBundles, commandLineBundle } from './bundles.js'
import { become, findRuntime, projectRoot, systemNode } from './runtime.js'
import { findWindow } from './window.js'

const scripts = {
  run: ['core/cli/main.ts', 'run'],
  dev: ['build/dev.ts'],
  'dev-headless': ['--watch', 'core/cli/main.ts', 'run'],
  test: ['build/test.ts'],
  check: ['build/check.ts'],
  bench: ['bench/run.ts'],
  prove: ['e2e/prove.ts'],
  docs: ['build/docs.ts'],
  dist: ['build/dist.ts'],
}

const stampFile = join(projectRoot, 'node_modules', '.install-stamp')

function fail(sentence) {
  console.error(`optrade: ${sentence}`)
  process.exit(1)
}

/** What node_modules must have been installed for. */
function wantedStamp() {
  const lock = readFileSync(join(projectRoot, 'package-lock.json'))
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform} ${process.arch}\n`
}

function installedStamp() {
  try {
    return readFileSync(stampFile, 'utf8')
  } catch {
    return null
  }
}

/** npm as the user started it, else the one on the PATH. */
function npmCommand() {
  const cli = process.env.npm_execpath
  if (cli !== undefined && /npm-cli\.c?js$/.test(cli)) return { file: systemNode(), args: [cli], shell: false }
  return { file: 'npm', args: [], shell: process.platform === 'win32' }
}

/** `npm ci` when the packages are not those of package-lock.json; the stamp is written last, so that half an install counts as none. */
function install() {
  const wanted = wantedStamp()
  if (installedStamp() === wanted) return
  console.error('optrade: installing the packages of package-lock.json (npm ci), about half a minute …')
  const npm = npmCommand()
  const args = [...npm.args, 'ci', '--include=dev', '--include=optional']
  const result = spawnSync(npm.file, args, {
    cwd: projectRoot,
    shell: npm.shell,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (result.error) fail(`cannot run npm: ${result.error.message}`)
  if (result.status !== 0) fail('npm ci failed; its message is above.')
  writeFileSync(stampFile, wanted)
}

const [word = 'run', ...rest] = process.argv.slice(2)
const script = scripts[word]
if (script === undefined) fail(`"${word}" is none of ${Object.keys(scripts).join(', ')}.`)
install()
const runtime = findRuntime()
if (runtime.missing !== undefined) fail(runtime.missing)
process.chdir(projectRoot)

/** Goes on without what cannot be built: that is no reason not to record. */
function isBuilt(fault) {
  if (fault !== null) console.error(`optrade: ${fault}\noptrade: going on without it.`)
  return fault === null
}

function runHeadless() {
  // As build/optrade.js does it.
  process.env.NODE_COMPILE_CACHE ??= join(projectRoot, 'node_modules', '.cache', 'compiled')
  isBuilt(buildBundles(runtime.path))
  const [main] = script
  become(runtime.path, [commandLineBundle() ?? main, 'run', ...rest.filter((arg) => arg !== '--headless')])
}

function run() {
  const window = findWindow(runtime.path, rest)
  if (window.headless !== undefined) {
    console.error(`optrade: running without a window: ${window.headless}`)
    return runHeadless()
  }
  if (!isBuilt(buildBundles(runtime.path))) return runHeadless()
  console.error(`optrade: opening the window by ${window.file}`)
  become(window.file, window.args, () => {
    console.error('optrade: the window could not be kept open; going on without it')
    runHeadless()
  })
}

if (word === 'run') run()
else if (word === 'dev-headless') runHeadless()
else become(runtime.path, [...script, ...rest])
