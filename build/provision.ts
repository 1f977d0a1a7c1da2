import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { canDownloadElectron, findTestElectron } from './test-electron.ts'

/** Something that the tests need beyond the packages of package-lock.json. */
export interface Need {
  readonly name: string
  readonly isPresent: () => boolean
  /** Debian's packages that bring it. */
  readonly aptPackages: readonly string[]
}

/** The browser of the tests; Playwright's own would have to be downloaded from elsewhere. */
export const CHROMIUM = process.env.OPTRADE_CHROMIUM ?? '/usr/bin/chromium'

const onPath = (command: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)))

/** Shared libraries that the loader knows, one line each. */
const libraries = (): string => spawnSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' }).stdout ?? ''

const LIBRARIES = ['libgtk-3.so.0', 'libnss3.so', 'libasound.so.2', 'libgbm.so.1']

/** What a window needs that nobody looks at; elsewhere Electron brings everything itself. */
const LINUX_WINDOW: readonly Need[] = [
  { name: 'Xvfb', isPresent: () => onPath('Xvfb'), aptPackages: ['xvfb', 'xauth'] },
  {
    name: "A library of Electron's windows",
    isPresent: () => LIBRARIES.every((name) => libraries().includes(name)),
    aptPackages: ['libgtk-3-0', 'libnss3', 'libasound2', 'libgbm1'],
  },
  { name: 'D-Bus', isPresent: () => onPath('dbus-launch'), aptPackages: ['dbus-x11'] },
]

const NSIS: Need = {
  name: 'NSIS, which compiles the installer of Windows',
  isPresent: () => onPath('makensis'),
  aptPackages: ['nsis'],
}

const COMPILER: Need = {
  name: 'A C++ compiler',
  isPresent: () => ['g++', 'make', 'python3'].every(onPath),
  aptPackages: ['g++', 'make', 'python3'],
}

const NEEDS: readonly Need[] = [
  { name: 'Chromium', isPresent: () => existsSync(CHROMIUM), aptPackages: ['chromium'] },
  ...(process.platform === 'linux' ? [...LINUX_WINDOW, NSIS] : []),
]

/** All that the tests need on this machine. The compiler only where Electron can neither be found nor downloaded. */
export async function allNeeds(): Promise<readonly Need[]> {
  const isAtHand = findTestElectron() !== null || (await canDownloadElectron())
  return isAtHand || process.platform !== 'linux' ? NEEDS : [...NEEDS, COMPILER]
}

const isDebian = (): boolean => existsSync('/etc/debian_version')
const isRoot = (): boolean => process.getuid?.() === 0

function installWithApt(packages: readonly string[]): void {
  const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const
  spawnSync('apt-get', ['update', '-q'], options)
  const quiet = ['-q', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120']
  spawnSync('apt-get', ['install', ...quiet, ...packages], options)
}

type Install = (packages: readonly string[]) => void
const installer: Install | null = isRoot() && isDebian() ? installWithApt : null

/**
 * Installs what is missing, where that is possible (root on Debian).
 * Returns one sentence for each need that is still not met.
 */
export function provision(needs: readonly Need[], install: Install | null = installer): string[] {
  const missing = needs.filter((need) => !need.isPresent())
  if (missing.length > 0) install?.(missing.flatMap((need) => need.aptPackages))
  return missing
    .filter((need) => !need.isPresent())
    .map((need) => `${need.name} is missing: install it (Debian: apt-get install ${need.aptPackages.join(' ')})`)
}
