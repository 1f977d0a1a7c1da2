import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../core/testing/eventually.ts'

const root = join(import.meta.dirname, '..')

/** Stands in for npm: writes down how it was called; "fails" when the lock says so. */
const FAKE_NPM = `
const fs = require('node:fs')
fs.appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n')
fs.mkdirSync('node_modules', { recursive: true })
process.exit(fs.readFileSync('package-lock.json', 'utf8').includes('broken') ? 1 : 0)
`

/** Stands in for the product: says what it got, ends as told, or stays until SIGTERM. */
const FAKE_MAIN = `
console.log('args ' + process.argv.slice(2).join(' '))
if (process.argv.includes('stay')) {
  setInterval(() => {}, 1000)
  process.on('SIGTERM', () => { console.log('stopped'); process.exit(7) })
  console.log('pid ' + process.pid)
} else process.exitCode = 3
`

/** Stands in for Vite: writes down how it was called; "fails" when the page says so. */
const FAKE_VITE = `
const fs = require('node:fs')
fs.appendFileSync('builds', process.env.NODE_ENV + '\\n')
if (fs.readFileSync('app/renderer/index.html', 'utf8') === 'broken') {
  console.error('no such thing')
  process.exit(1)
}
const bundle = "console.log('bundle ' + process.argv.slice(2).join(' ')); process.exitCode = 3"
for (const folder of ['main', 'preload', 'page']) fs.mkdirSync('out/' + folder, { recursive: true })
for (const file of ['main/index.cjs', 'preload/index.cjs', 'page/index.html']) fs.writeFileSync('out/' + file, '')
fs.writeFileSync('out/main/optrade.cjs', bundle)
`

let house = ''
let children: ChildProcess[] = []

function write(path: string, text: string): void {
  mkdirSync(dirname(join(house, path)), { recursive: true })
  writeFileSync(join(house, path), text)
}

beforeEach(() => {
  house = mkdtempSync(join(tmpdir(), 'op-trading-start-'))
  children = []
  for (const name of ['start.js', 'optrade.js', 'bundles.js', 'runtime.js', 'window.js'])
    cpSync(join(root, 'build', name), join(house, 'build', name))
  write('package.json', '{"type": "module"}')
  write('package-lock.json', '{}')
  write('core/cli/main.ts', FAKE_MAIN)
  write('npm/npm-cli.cjs', FAKE_NPM)
})

afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(house, { recursive: true, force: true })
})

interface Run {
  readonly child: ChildProcess
  readonly out: () => string
  readonly status: Promise<number | null>
}

function launch(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Run {
  const child = spawn(process.execPath, [file, ...args], {
    cwd: house,
    env: {
      PATH: process.env.PATH,
      npm_execpath: join(house, 'npm', 'npm-cli.cjs'),
      OPTRADE_RUNTIME: 'system',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let out = ''
  child.stdout?.on('data', (data: Buffer) => {
    out += data.toString()
  })
  child.stderr?.on('data', (data: Buffer) => {
    out += data.toString()
  })
  return { child, out: () => out, status: new Promise((resolve) => child.on('close', resolve)) }
}

const npmCalls = (): string[] => {
  const file = join(house, 'npm-calls')
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
}

/** Sources that "Vite" makes bundles of. */
function writeBuildable(): void {
  write('app/renderer/index.html', 'page')
  write('core/contract/schema.ts', '')
  write('node_modules/vite/package.json', '{}')
  write('node_modules/vite/bin/vite.js', FAKE_VITE)
}

const builds = (): string[] => readFileSync(join(house, 'builds'), 'utf8').trim().split('\n')

describe('build/start.js', () => {
  it('installs once for a lock, and again when the lock has changed', async () => {
    const first = launch('build/start.js', ['run'])
    expect(await first.status).toBe(3)
    expect(first.out()).toContain('installing the packages')
    const second = launch('build/start.js', ['run'])
    await second.status
    expect(second.out()).not.toContain('installing')
    expect(npmCalls()).toEqual(['ci --include=dev --include=optional'])
    write('package-lock.json', '{"changed": true}')
    await launch('build/start.js', ['run']).status
    expect(npmCalls()).toHaveLength(2)
  })

  it('builds the bundles once for their sources, runs them, and goes on with the sources when that fails', async () => {
    writeBuildable()
    const first = launch('build/start.js', ['run'])
    expect([await first.status, builds()]).toEqual([3, ['production']])
    expect(first.out()).toContain('building the application')
    expect(first.out()).toContain('bundle run\n')
    const second = launch('build/start.js', ['run'])
    expect([await second.status, builds()]).toEqual([3, ['production']])
    write('core/contract/schema.ts', 'export const changed = 1')
    await launch('build/start.js', ['run']).status
    expect(builds()).toHaveLength(2)
    write('app/renderer/index.html', 'broken')
    const broken = launch('build/start.js', ['run'])
    expect(await broken.status).toBe(3)
    expect(broken.out()).toContain('optrade: the application cannot be built: no such thing')
    // The command line has nothing of the page.
    expect(broken.out()).toContain('bundle run\n')
    write('core/contract/schema.ts', 'export const changed = 2')
    const both = launch('build/start.js', ['run'])
    expect([await both.status, both.out().endsWith('args run\n')]).toEqual([3, true])
    expect(builds()).toHaveLength(4)
  })

  it('stops with a sentence when the install fails, and tries again the next time', async () => {
    write('package-lock.json', '{"broken": true}')
    const run = launch('build/start.js', ['run'])
    expect(await run.status).toBe(1)
    expect(run.out()).toContain('optrade: npm ci failed')
    expect(run.out()).not.toContain('args')
    await launch('build/start.js', ['run']).status
    expect(npmCalls()).toHaveLength(2)
  })

  it('hands on arguments and the exit status', async () => {
    const run = launch('build/start.js', ['run', '--port', '9000'])
    expect(await run.status).toBe(3)
    expect(run.out()).toContain('args run --port 9000')
  })

  it('refuses a word that it does not know', async () => {
    const run = launch('build/start.js', ['fly'])
    expect(await run.status).toBe(1)
    expect(run.out()).toContain('"fly" is none of run, dev, dev-headless, test, check, bench, prove, docs, dist')
  })

  it('passes SIGTERM on and waits for the end', async () => {
    const run = launch('build/start.js', ['run', 'stay'])
    await eventually(() => expect(run.out()).toContain('pid'))
    run.child.kill('SIGTERM')
    expect(await run.status).toBe(7)
    expect(run.out()).toContain('stopped')
  })

  it('stops the product when npm dies without a word', async () => {
    write(
      'npm.js',
      `
import { spawn } from 'node:child_process'
spawn(process.execPath, ['build/start.js', 'run', 'stay'], { stdio: 'inherit' })
`,
    )
    const run = launch('npm.js', [], { npm_lifecycle_event: 'start' })
    await eventually(() => expect(run.out()).toContain('pid'))
    run.child.kill('SIGKILL')
    await eventually(() => expect(run.out()).toContain('stopped'))
  })

  it('says which Node is needed when there is none', async () => {
    const old = join(house, 'old-node')
    writeFileSync(old, '#!/bin/sh\nif [ "$1" = --version ]; then echo v20.19.0; else exec "$REAL_NODE" "$@"; fi\n', {
      mode: 0o755,
    })
    const run = launch('build/start.js', ['run'], { npm_node_execpath: old, REAL_NODE: process.execPath })
    expect(await run.status).toBe(1)
    expect(run.out()).toContain('optrade: OP Trading needs Node 22.18 or newer; this is v20.19.0.')
  })
})

describe.skipIf(process.platform === 'win32')('build/start.js and the window', () => {
  const withElectron = (body: string): NodeJS.ProcessEnv => {
    const name = process.platform === 'darwin' ? 'dist/Electron.app/Contents/MacOS/Electron' : 'dist/electron'
    write(name, `#!/bin/sh\n${body}\n`)
    chmodSync(join(house, name), 0o755)
    return { ELECTRON_OVERRIDE_DIST_PATH: join(house, 'dist'), DISPLAY: ':7' }
  }

  it('opens it where there is a display and an Electron, with the arguments that were given', async () => {
    const run = launch('build/start.js', ['run', '--port', '9000'], withElectron('echo "window $*"; exit 5'))
    expect(await run.status).toBe(5)
    expect(run.out()).toContain('optrade: opening the window by')
    expect(run.out()).toMatch(/window (--no-sandbox )?\/.* --port 9000/)
  })

  it.each([
    ['--headless', ['--headless'], {}],
    ['OPTRADE_HEADLESS', [], { OPTRADE_HEADLESS: '1' }],
    ['--roles', ['--roles=api'], {}],
  ])('runs without it where %s says so', async (name, args, env) => {
    const run = launch('build/start.js', ['run', ...args], { ...withElectron('exit 5'), ...env })
    expect(await run.status).toBe(3)
    expect(run.out()).toMatch(new RegExp(`optrade: running without a window: .*${name}`))
    expect(run.out()).toContain(name === '--roles' ? 'args run --roles=api' : 'args run\n')
  })

  it('runs without it where there is no Electron, and says so', async () => {
    const run = launch('build/start.js', ['run'], { DISPLAY: ':7' })
    expect(await run.status).toBe(3)
    expect(run.out()).toContain('optrade: running without a window: there is no Electron')
  })

  it('goes on without it when it breaks down', async () => {
    const run = launch('build/start.js', ['run'], withElectron('kill -ABRT $$'))
    expect(await run.status).toBe(3)
    expect(run.out()).toContain('the window could not be kept open; going on without it')
    expect(run.out()).toContain('args run\n')
  })
})

describe('build/optrade.js', () => {
  it.each([
    ['a source was edited', () => write('core/contract/schema.ts', 'export const changed = 1')],
    ['a source was removed', () => rmSync(join(house, 'core/contract/schema.ts'))],
    ['the packages are others', () => write('package-lock.json', '{"changed": true}')],
  ])('runs the bundle, and the sources when %s since', async (_, change) => {
    writeBuildable()
    await launch('build/start.js', ['run']).status
    symlinkSync(join(root, 'node_modules', 'zod'), join(house, 'node_modules', 'zod'), 'junction')
    const bundled = launch('build/optrade.js', ['status'])
    expect([await bundled.status, bundled.out()]).toEqual([3, 'bundle status\n'])
    change()
    const changed = launch('build/optrade.js', ['status'])
    expect([await changed.status, changed.out()]).toEqual([3, 'args status\n'])
  })

  it('runs the command line on this Node when that is new enough', async () => {
    mkdirSync(join(house, 'node_modules'))
    symlinkSync(join(root, 'node_modules', 'zod'), join(house, 'node_modules', 'zod'), 'junction')
    const run = launch('build/optrade.js', ['status', '--json'])
    expect(await run.status).toBe(3)
    expect(run.out()).toContain('args status --json')
  })

  it('says what to do when the packages are missing', async () => {
    const run = launch('build/optrade.js', ['status'])
    expect(await run.status).toBe(1)
    expect(run.out()).toContain('optrade: the packages are missing; run "npm ci"')
  })
})
