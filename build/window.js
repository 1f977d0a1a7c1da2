// Plain JavaScript for Node 20 without packages: whether `npm start` can open the window, and by which Electron.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './runtime.js'

const EXECUTABLES = { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }

/** What the command line alone knows: then it is meant. */
const WORDS_OF_THE_COMMAND = ['--roles', '--help', '-h']

/** Why there can be no window; null when there can. */
function whyHeadless(args) {
  if (process.env.OPTRADE_HEADLESS === '1') return 'OPTRADE_HEADLESS is set'
  if (args.includes('--headless')) return '--headless was given'
  const word = WORDS_OF_THE_COMMAND.find((known) => args.some((arg) => arg === known || arg.startsWith(`${known}=`)))
  if (word !== undefined) return `${word} is for the command line`
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    return 'there is no display (DISPLAY and WAYLAND_DISPLAY are not set)'
  return null
}

/** The folder of an Electron; null for none. The last way fetches it once, and takes a minute at most. */
function findElectron(node) {
  const own = join(projectRoot, 'node_modules', 'electron', 'dist')
  const given = process.env.ELECTRON_OVERRIDE_DIST_PATH
  const found = [given, own].find((folder) => folder && existsSync(executableIn(folder)))
  if (found !== undefined) return found
  const maker = join(projectRoot, 'build', 'test-electron.ts')
  if (given || !existsSync(maker)) return null
  const made = spawnSync(node, [maker], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  const folder = made.stdout?.trim() ?? ''
  return made.status === 0 && existsSync(executableIn(folder)) ? folder : null
}

const executableIn = (folder) => join(folder, EXECUTABLES[process.platform] ?? 'electron')

/** Electron as root on Linux runs only without Chromium's sandbox. */
const sandboxArgs = () => (process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [])

/**
 * How to open the window with these arguments: `{ file, args }`; or `{ headless }`, one sentence that says why it
 * cannot be opened.
 */
export function findWindow(node, args) {
  const reason = whyHeadless(args)
  if (reason !== null) return { headless: reason }
  const folder = findElectron(node)
  if (folder === null) return { headless: 'there is no Electron (node node_modules/electron/install.js fetches it)' }
  return { file: executableIn(folder), args: [...sandboxArgs(), projectRoot, ...args] }
}
