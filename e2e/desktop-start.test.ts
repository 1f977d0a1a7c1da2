import { rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { buildBundles } from '../build/bundles.js'
import { ensureTestElectron, type TestElectron } from '../build/test-electron.ts'
import { logSchema } from '../core/contract/operations.ts'
import { eventually } from '../core/testing/eventually.ts'
import { askBridge, type Desktop, startDesktop } from './desktop-product.ts'
import { type Display, startDisplay } from './display.ts'
import { readHealth, temporaryFolder } from './product.ts'

// Two applications start in a test, and other tests run beside it.
vi.setConfig({ testTimeout: 60_000 })

let display: Display
let electron: TestElectron
const home = temporaryFolder()
const started: Desktop[] = []

beforeAll(async () => {
  const found = await ensureTestElectron()
  if ('missing' in found) throw new Error(found.missing)
  electron = found
  expect(buildBundles(process.execPath)).toBeNull()
  display = await startDisplay()
}, 120_000)

afterEach(async () => {
  for (const { process, ended } of started.splice(0)) {
    process.kill('SIGKILL')
    await ended
  }
})

afterAll(async () => {
  await display?.stop()
  home.remove()
})

async function start(settings: Readonly<Record<string, string>>, args?: readonly string[]): Promise<Desktop> {
  const desktop = await startDesktop({
    electron,
    env: display.env,
    home: home.path,
    settings,
    ...(args === undefined ? {} : { args }),
  })
  started.push(desktop)
  return desktop
}

function occupy(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer()
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve({ server, port: typeof address === 'object' && address !== null ? address.port : 0 })
    }),
  )
}

it('says on a page of its own why it cannot start, and tries again when it is told to', async () => {
  const DATA_DIR = join(home.path, 'taken')
  writeFileSync(DATA_DIR, 'a file, not a folder')
  const desktop = await start({ DATA_DIR })
  const { page } = desktop
  await page.getByRole('heading', { name: 'OP Trading cannot start' }).waitFor()
  expect(await page.locator('#notice-sentence').innerText()).toContain(DATA_DIR)
  expect(await page.locator('#notice-hint').innerText()).toContain('choose another folder with DATA_DIR')
  rmSync(DATA_DIR)
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.locator('tr.atm td.ce.ltp .num:not(.missing)').waitFor()
  expect(await desktop.quit()).toBe(0)
})

it('takes another port when its own is taken, and answers programs there', async () => {
  const { server, port } = await occupy()
  const desktop = await start({ DATA_DIR: join(home.path, 'ports'), API_PORT: String(port) })
  const answered = z.object({ ok: z.literal(true), value: z.looseObject({}) })
  const ask = async (part: 'calls' | 'desktop', name: string, input: unknown) =>
    answered.parse(await askBridge(desktop.page, part, name, input)).value
  const address = await eventually(
    async () => z.object({ address: z.string() }).parse(await ask('desktop', 'facts', {})).address,
    30_000,
  )
  expect(new URL(address).port).not.toBe(String(port))
  const log = logSchema.parse(await ask('calls', 'log', { text: 'is taken by another program' }))
  expect(log.lines.map(({ message }) => message)).toEqual([expect.stringContaining(`port ${port} (API_PORT)`)])
  expect((await readHealth(address)).source).toBe('sim')
  server.close()
  expect(await desktop.quit()).toBe(0)
})

it('is minimised and not hidden where no status area shows an icon', async () => {
  const desktop = await start({ DATA_DIR: join(home.path, 'ports') }, [])
  await desktop.page.locator('tr.atm td.ce.ltp .num:not(.missing)').waitFor()
  const state = () =>
    desktop.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map((window) => [window.isDestroyed(), window.isMinimized()]),
    )
  await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
  expect(await state()).toHaveLength(1)
  expect((await state())[0]?.[0]).toBe(false)
  expect(await desktop.app.evaluate(() => Reflect.has(globalThis, 'optradeTray'))).toBe(false)
  await desktop.app.evaluate(({ Menu }) => {
    setImmediate(() => Menu.getApplicationMenu()?.getMenuItemById('quit')?.click())
  })
  expect(await desktop.ended).toBe(0)
})
