import { accessSync, constants, existsSync, mkdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { OpError } from '../kernel/errors.ts'
import { faultCode } from './json-file.ts'

/** Names of folders that services synchronise, as their clients make them on Windows, macOS and Linux. */
const SYNCED_FOLDERS: readonly (readonly [name: RegExp, service: string])[] = [
  [/^onedrive($| - |-)/i, 'OneDrive'],
  [/^dropbox($| \()/i, 'Dropbox'],
  [/^(google ?drive|my drive)($| |-|\()/i, 'Google Drive'],
  [/^(icloud ?drive|mobile documents|com~apple~clouddocs)$/i, 'iCloud'],
  [/^nextcloud\d*$/i, 'Nextcloud'],
  [/^cloudstorage$/i, 'a cloud storage'],
]

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'it is a file, not a folder',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENAMETOOLONG: 'the path is too long',
  ENOENT: 'no file or folder can be made there',
  EIO: 'the disk reports an error',
}

/** What synchronises the folder, null when nothing is known to. Goes by the path's names alone. */
export function synchronisedBy(path: string): string | null {
  if (/^(\\\\|\/\/)[^\\/.?]/.test(path)) return 'a network drive'
  for (const part of path.split(/[\\/]/)) {
    const found = SYNCED_FOLDERS.find(([name]) => name.test(part))
    if (found !== undefined) return found[1]
  }
  return null
}

/** The path with the links of its existing part followed: a link may lead into a synchronised folder. */
function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const parent = dirname(path)
    return parent === path ? path : join(realPath(parent), path.slice(parent.length))
  }
}

function refuseSynchronised(path: string): void {
  const service = synchronisedBy(path) ?? synchronisedBy(realPath(resolve(path)))
  if (service !== null) throw new OpError('data_dir_synced', { path, service })
}

/** Why the folder cannot be used. Node says ENOENT for a folder below a read-only disk: the parent knows better. */
function reasonOf(fault: unknown, path: string): string {
  const code = faultCode(fault) ?? 'unknown'
  const parent = dirname(path)
  if (code !== 'ENOENT' || parent === path) return REASONS[code] ?? code
  try {
    if (existsSync(parent)) accessSync(parent, constants.W_OK)
  } catch (better) {
    return reasonOf(better, path)
  }
  return existsSync(parent) ? (REASONS[code] ?? code) : reasonOf(fault, parent)
}

/** As `mkdir -p`: Node's own (`recursive`) never comes back from a path below /proc. */
function makeFolder(path: string): void {
  const parent = dirname(path)
  if (parent !== path && !existsSync(parent)) makeFolder(parent)
  try {
    mkdirSync(path)
  } catch (fault) {
    if (faultCode(fault) !== 'EEXIST' || !statSync(path).isDirectory()) throw fault
  }
}

/**
 * Makes DATA_DIR ready: creates it and proves that a file can be written there. Returns the absolute path.
 * OpError: `data_dir_synced` (nothing is created), `data_dir_unwritable`.
 */
export function prepareDataDir(path: string): string {
  refuseSynchronised(path)
  const absolute = resolve(path)
  const probe = join(absolute, `.write-probe-${process.pid}`)
  try {
    makeFolder(absolute)
    try {
      writeFileSync(probe, 'OP Trading can write here\n')
    } finally {
      rmSync(probe, { force: true })
    }
  } catch (fault) {
    throw new OpError('data_dir_unwritable', { path: absolute, reason: reasonOf(fault, absolute) }, { cause: fault })
  }
  return absolute
}
