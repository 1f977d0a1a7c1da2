import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { type ElectronApplication, _electron as electronOf, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildBundles } from '../build/bundles.js'
import { pack } from '../build/pack.ts'
import { ensureTestElectron } from '../build/test-electron.ts'
import { eventually } from '../core/testing/eventually.ts'
import { type Display, startDisplay } from './display.ts'
import { temporaryFolder } from './product.ts'

const ROOT = join(import.meta.dirname, '..')
const folder = temporaryFolder()
const home = join(folder.path, 'home')
const packed = join(folder.path, 'linux-unpacked')
const executable = join(packed, 'op-trading')

let switches: readonly string[] = []
let display: Display
let running: ElectronApplication | null = null

async function packApplication(): Promise<void> {
  expect(buildBundles(process.execPath)).toBeNull()
  const electron = await ensureTestElectron()
  if ('missing' in electron) throw new Error(electron.missing)
  switches = electron.args
  await pack({
    projectFolder: ROOT,
    electron,
    allowDebugger: true,
    outputFolder: folder.path,
    targets: { dir: true, linux: ['dir'], x64: true },
  })
}

beforeAll(async () => {
  const [started] = await Promise.all([startDisplay(), packApplication()])
  display = started
}, 120_000)

afterAll(async () => {
  await running?.close()
  await display?.stop()
  folder.remove()
})

/** Starts it as a user does, with nothing in the environment that is not there on any desktop. */
async function start(): Promise<{ app: ElectronApplication; page: Page }> {
  const settings = { API_PORT: '0', METRICS_PORT: '0' }
  const app = await electronOf.launch({
    executablePath: executable,
    args: [...switches],
    env: { PATH: process.env.PATH ?? '', HOME: home, ...settings, ...display.env },
  })
  running = app
  return { app, page: await app.firstWindow() }
}

/** Ends it as its menu does; resolves with the exit status. */
async function quit(app: ElectronApplication): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => app.process().once('exit', resolve))
  await app.evaluate(({ app: main }) => main.quit()).catch(() => {})
  running = null
  return ended
}

describe.runIf(process.platform === 'linux')('the packed application', () => {
  it('starts to a live chain, records below the folder of the user, and quits cleanly', async () => {
    const { app, page } = await start()
    expect(await app.evaluate(({ app: main }) => [main.isPackaged, main.getName()])).toEqual([true, 'OP Trading'])
    await page.locator('tr.atm td.ce.ltp .num:not(.missing)').waitFor({ timeout: 30_000 })
    const prices = async () => (await page.locator('td.ltp .num').allInnerTexts()).join()
    const before = await prices()
    await eventually(async () => expect(await prices()).not.toBe(before))
    expect(page.url()).toMatch(/^app:\/\//)
    expect(await quit(app)).toBe(0)
    expect(existsSync(join(home, '.config', 'OP Trading', 'data'))).toBe(true)
  }, 90_000)

  it('has the fuses of a release, but for the debugger that this test comes in by', async () => {
    const fuses = await getCurrentFuseWire(executable)
    const isOn = (fuse: FuseV1Options) => Reflect.get(fuses, fuse) === FuseState.ENABLE
    expect(isOn(FuseV1Options.RunAsNode)).toBe(false)
    expect(isOn(FuseV1Options.EnableCookieEncryption)).toBe(true)
    expect(isOn(FuseV1Options.EnableNodeOptionsEnvironmentVariable)).toBe(false)
    expect(isOn(FuseV1Options.OnlyLoadAppFromAsar)).toBe(true)
  })

  it('cannot be made to run scripts as Node', () => {
    const result = spawnSync(executable, [...switches, '-e', 'console.log(6 * 7)'], {
      env: { ...process.env, HOME: home, ELECTRON_RUN_AS_NODE: '1', DISPLAY: '' },
      encoding: 'utf8',
      timeout: 20_000,
    })
    expect(result.stdout).not.toContain('42')
  })
})
