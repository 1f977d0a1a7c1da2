// Plain JavaScript for Node 20 without packages: finds the Node that runs the product.
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)))

/** Modules of Node that most starts do without: some milliseconds each. */
export const lazily = (name) => process.getBuiltinModule(name)

const oldest = [22, 18]

/** Whether a Node of this version (`24.21.0`, with or without a `v`) strips types by itself. */
export function isRecent(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1])
}

/** The Node that npm itself runs on: in npm scripts a bare `node` may already be the pinned one. */
export function systemNode() {
  return process.env.npm_node_execpath || process.execPath
}

/** Where package-lock.json puts the pinned Node of this platform; there is none for macOS. */
function pinnedNode() {
  const windows = process.platform === 'win32'
  const name = `node-${windows ? 'win' : process.platform}-${process.arch}`
  return join(projectRoot, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node')
}

function versionOf(node) {
  if (node === process.execPath) return process.version
  return lazily('node:child_process').spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim() || 'unknown'
}

/** Path of the Node to run the product on, or one sentence that says why there is none. */
export function findRuntime() {
  const pinned = pinnedNode()
  if (process.env.OPTRADE_RUNTIME !== 'system' && existsSync(pinned)) return { path: pinned }
  const version = versionOf(systemNode())
  if (isRecent(version)) return { path: systemNode() }
  return {
    missing: `OP Trading needs Node ${oldest.join('.')} or newer; this is ${version}. Install it from nodejs.org.`,
  }
}

/** How Chromium ends where it may not or cannot run. */
const BREAKDOWNS = ['SIGTRAP', 'SIGABRT', 'SIGSEGV', 'SIGILL']

/**
 * Runs `file args` in the place of this process: same terminal, signals passed on, and its exit status becomes ours.
 * npm started us through a shell that does not pass SIGTERM on: when npm dies we get a new parent, and stop. `instead`
 * is called when it breaks down.
 */
export function become(file, args, instead) {
  const child = lazily('node:child_process').spawn(file, args, { stdio: 'inherit' })
  const watch = stopWithParent(child)
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the child as well; passed on, it would look like an impatient second one.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.on('error', (fault) => {
    console.error(`optrade: cannot run ${file}: ${fault.message}`)
    clearInterval(watch)
    if (instead === undefined) process.exit(1)
    instead()
  })
  child.on('exit', (status, signal) => {
    clearInterval(watch)
    if (instead !== undefined && BREAKDOWNS.includes(signal)) return instead()
    process.exit(signal === null ? status : 128 + constants.signals[signal])
  })
}

/** Taken at once: npm may die while something is still being installed or built. */
const parent = process.ppid

function stopWithParent(child) {
  if (process.env.npm_lifecycle_event === undefined) return undefined
  return setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM')
  }, 500)
}
