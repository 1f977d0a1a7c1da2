import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system of 1 MiB in memory; null where this user may not mount one. */
export function mountSmallDisk(): string | null {
  const path = mkdtempSync(join(tmpdir(), 'small-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path], { stdio: 'ignore' })
    return path
  } catch {
    rmSync(path, { recursive: true })
    return null
  }
}

export function unmountSmallDisk(path: string | null): void {
  if (path === null) return
  execFileSync('umount', [path])
  rmSync(path, { recursive: true })
}
