import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import builder, { type AfterPackContext, type CliOptions, type Configuration } from 'electron-builder'
import type { TestElectron } from './test-electron.ts'

export const PACK_CONFIG = 'electron-builder.yml'
/** What a package is made of; app/main, app/preload and app/renderer are built into these. */
export const BUNDLES = ['out/main/index.cjs', 'out/preload/index.cjs', 'out/page/index.html'] as const

export interface PackOptions {
  /** Folder that holds package.json, electron-builder.yml and the bundles. */
  readonly projectFolder: string
  /** null: electron-builder fetches the Electron of package.json. */
  readonly electron: Pick<TestElectron, 'distFolder' | 'version' | 'runtimeFolder'> | null
  /** For Playwright, which speaks to the main process by its debugger; a release refuses one. */
  readonly allowDebugger?: boolean
  readonly outputFolder?: string
  /** Platforms and kinds, as electron-builder's command line has them. */
  readonly targets: Pick<CliOptions, 'dir' | 'win' | 'linux' | 'mac' | 'x64' | 'arm64'>
}

/** Electron's welcome page, which electron-builder leaves in an Electron that it has not fetched itself. */
function removeDefaultApp({ appOutDir }: AfterPackContext): void {
  rmSync(join(appOutDir, 'resources', 'default_app.asar'), { force: true })
}

/** A fuse that the Electron of the tests is too old to have. */
function omitLaterFuses({ packager }: AfterPackContext): void {
  Reflect.deleteProperty(packager.config.electronFuses ?? {}, 'grantFileProtocolExtraPrivileges')
}

function withGivenElectron({
  distFolder,
  version,
  runtimeFolder,
}: NonNullable<PackOptions['electron']>): Configuration {
  const given = { electronDist: distFolder, electronVersion: version }
  if (runtimeFolder === null) return given
  const entry = { from: 'build/test-electron', to: 'out/main', filter: ['packaged-entry.cjs'] }
  const extraMetadata = { main: 'out/main/packaged-entry.cjs' }
  return { ...given, files: [entry], extraMetadata, beforePack: omitLaterFuses }
}

/** The configuration of the file, with what this run changes. */
function packConfiguration({ electron, allowDebugger, outputFolder }: PackOptions): Configuration {
  return {
    extends: PACK_CONFIG,
    // The list of files names the packages that go along. This answer, which is asked for only before a rebuild, keeps
    // electron-builder from looking for others, and from rebuilding.
    npmRebuild: true,
    beforeBuild: () => Promise.resolve(false),
    afterExtract: removeDefaultApp,
    ...(electron === null ? {} : withGivenElectron(electron)),
    ...(allowDebugger ? { electronFuses: { enableNodeCliInspectArguments: true } } : {}),
    ...(outputFolder === undefined ? {} : { directories: { output: outputFolder } }),
  }
}

/** One sentence when the bundles are not there, null when they are. */
export function missingBundles(projectFolder: string): string | null {
  const missing = BUNDLES.filter((file) => !existsSync(join(projectFolder, file)))
  return missing.length === 0 ? null : `nothing to pack: ${missing.join(', ')} missing`
}

/** Makes the packages and returns the paths of the installers; with `dir` none, but a folder such as dist/linux-unpacked. */
export function pack(options: PackOptions): Promise<string[]> {
  return builder.build({
    projectDir: options.projectFolder,
    publish: 'never',
    config: packConfiguration(options),
    ...options.targets,
  })
}
