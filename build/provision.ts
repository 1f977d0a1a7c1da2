import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Something that the tests need beyond the packages of package-lock.json. */
export interface Need {
  readonly name: string
  readonly isPresent: () => boolean
  /** Debian's packages that bring it. */
  readonly aptPackages: readonly string[]
}

/** The browser of the tests; Playwright's own would have to be downloaded from elsewhere. */
export const CHROMIUM = process.env.OPTRADE_CHROMIUM ?? '/usr/bin/chromium'

const NEEDS: readonly Need[] = [{ name: 'Chromium', isPresent: () => existsSync(CHROMIUM), aptPackages: ['chromium'] }]

const isDebian = (): boolean => existsSync('/etc/debian_version')
const isRoot = (): boolean => process.getuid?.() === 0

function installWithApt(packages: readonly string[]): void {
  const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } } as const
  spawnSync('apt-get', ['update', '-q'], options)
  spawnSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], options)
}

type Install = (packages: readonly string[]) => void
const installer: Install | null = isRoot() && isDebian() ? installWithApt : null

/**
 * Installs what is missing, where that is possible (root on Debian).
 * Returns one sentence for each need that is still not met.
 */
export function provision(needs: readonly Need[] = NEEDS, install: Install | null = installer): string[] {
  const missing = needs.filter((need) => !need.isPresent())
  if (missing.length > 0) install?.(missing.flatMap((need) => need.aptPackages))
  return missing
    .filter((need) => !need.isPresent())
    .map((need) => `${need.name} is missing: install it (Debian: apt-get install ${need.aptPackages.join(' ')})`)
}
