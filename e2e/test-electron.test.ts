import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { type ElectronApplication, _electron as electronOf } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ensureTestElectron } from '../build/test-electron.ts'
import { type Display, startDisplay } from './display.ts'

const ROOT = join(import.meta.dirname, '..')
/** Any folder with folders. */
const FOLDER = join(ROOT, 'build')
const MAIN = `
const { app, BrowserWindow } = require('electron')
const Sqlite = require(${JSON.stringify(join(ROOT, 'node_modules', 'better-sqlite3'))})
globalThis.inquire = async () => {
  const folder = ${JSON.stringify(FOLDER)}
  const database = new Sqlite(':memory:')
  database.exec("create table legs (symbol, price); insert into legs values ('', null), ('NIFTY', 24.5)")
  const rows = database.prepare('select symbol, price from legs').all()
  let fault = ''
  try { database.prepare('select * from nowhere') } catch (error) { fault = error.constructor.name }
  database.close()
  return { name: app.name, version: app.getVersion(), defaultApp: process.defaultApp, rows, fault,
    files: (await require('node:fs/promises').readdir(folder, { recursive: true })).sort(),
    url: URL.canParse('optrade://login') && !URL.canParse('login'),
    crc: require('node:zlib').crc32('hello', 7), tracing: typeof require('node:diagnostics_channel').tracingChannel }
}
app.whenReady().then(() => new BrowserWindow().loadURL('data:text/html,<title>here</title>'))
`

let home = ''
let display: Display
let app: ElectronApplication
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'optrade-electron-'))
  const about = { name: 'trivial', productName: 'Trivial', version: '1.2.3', main: 'main.cjs' }
  writeFileSync(join(home, 'package.json'), JSON.stringify(about))
  writeFileSync(join(home, 'main.cjs'), MAIN)
  const electron = await ensureTestElectron()
  if ('missing' in electron) throw new Error(electron.missing)
  display = await startDisplay()
  app = await electronOf.launch({
    executablePath: electron.executable,
    args: [...electron.args, home],
    env: { PATH: process.env.PATH ?? '', HOME: home, ...electron.env, ...display.env },
  })
})
afterAll(async () => {
  await app?.close()
  await display?.stop()
  rmSync(home, { recursive: true, force: true, maxRetries: 5 })
})

it('opens a window', async () => {
  const page = await app.firstWindow()
  await page.waitForURL(/here/)
  expect(await page.title()).toBe('here')
})

it('has what the product needs of it: its name, SQLite, and what newer Nodes have', async () => {
  const answer: unknown = await app.evaluate(() => Reflect.get(globalThis, 'inquire')())
  expect(answer).toEqual({
    name: 'Trivial',
    version: '1.2.3',
    defaultApp: true,
    rows: [
      { symbol: '', price: null },
      { symbol: 'NIFTY', price: 24.5 },
    ],
    fault: 'SqliteError',
    files: readdirSync(FOLDER, { recursive: true }).map(String).sort(),
    url: true,
    crc: crc32('hello', 7),
    tracing: 'function',
  })
})
