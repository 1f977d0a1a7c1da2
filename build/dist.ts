// `npm run dist [-- --dir | --win | --linux | --mac] [--x64 | --arm64]`: bundles and packs the desktop application.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildBundles } from './bundles.js'
import { missingBundles, pack } from './pack.ts'
import { ensureTestElectron } from './test-electron.ts'

const root = join(import.meta.dirname, '..')
const say = (sentence: string) => console.error(`optrade: ${sentence}`)

function fail(sentence: string): never {
  say(sentence)
  process.exit(1)
}

const { values } = parseArgs({
  options: {
    dir: { type: 'boolean' },
    win: { type: 'boolean' },
    linux: { type: 'boolean' },
    mac: { type: 'boolean' },
    x64: { type: 'boolean' },
    arm64: { type: 'boolean' },
  },
})

/** Only the Electron of the tests is handed over; electron's own is fetched by electron-builder, for any platform. */
async function standIn() {
  const electron = await ensureTestElectron()
  if ('missing' in electron) return fail(electron.missing)
  if (electron.runtimeFolder === null) return null
  if (values.win || values.mac) fail('Electron cannot be downloaded, and the one of the tests is for Linux alone.')
  say(`this package holds the Electron of the tests (${electron.version}): for trying out, not for release.`)
  return electron
}

const electron = await standIn()
const fault = buildBundles(process.execPath) ?? missingBundles(root)
if (fault !== null) fail(fault)
const { dir, win, linux, mac, x64, arm64 } = values
const targets = {
  ...(dir ? { dir } : {}),
  ...(win ? { win: [] } : {}),
  ...(linux ? { linux: [] } : {}),
  ...(mac ? { mac: [] } : {}),
  ...(x64 ? { x64 } : {}),
  ...(arm64 ? { arm64 } : {}),
}
const files = await pack({ projectFolder: root, electron, targets })
for (const file of files) say(`made ${file}`)
