import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Impossible, type ProofContext } from './proof.ts'

/** ext4's "go down now": `EXT4_IOC_SHUTDOWN` with the log not flushed, so that what was not synced is gone. */
const SHUTDOWN = 0x8004587d
const NO_LOG_FLUSH = 2
const CUT = `open(my $f, "<", $ARGV[0]) or die $!; my $how = pack("L", ${NO_LOG_FLUSH}); ioctl($f, ${SHUTDOWN}, $how) or die $!`

/** A file system of its own in a file. */
export interface DiskImage {
  /** Where it is mounted. */
  readonly path: string
  /** The power fails: from now on every call ends in an error, and what was not synced is gone. */
  cutPower(): void
  /** Mounts it again, as after a start of the machine; nothing may be open on it. */
  remount(): Promise<void>
}

function run(command: string, ...args: readonly string[]): string | null {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' })
  if (error !== undefined) return error.message
  return status === 0 ? null : `${command}: ${stderr.trim()}`
}

function must(fault: string | null): void {
  if (fault !== null) throw new Impossible(`no disk image can be mounted here: ${fault}`)
}

/** Makes and mounts an ext4 in a file. Throws Impossible, with the reason, where that is not possible. */
export async function mountDiskImage(context: ProofContext, megabytes: number): Promise<DiskImage> {
  if (process.platform !== 'linux') throw new Impossible('disk images are mounted on Linux only')
  const folder = context.folder()
  const image = join(folder, 'disk.img')
  const path = join(folder, 'disk')
  mkdirSync(path)
  closeSync(openSync(image, 'w'))
  truncateSync(image, megabytes * 1024 * 1024)
  must(run('mkfs.ext4', '-q', '-m', '0', image))
  const mount = () => must(run('mount', '-o', 'loop', image, path))
  mount()
  const unmount = async () => {
    for (let tries = 1; ; tries += 1) {
      const fault = run('umount', path)
      if (fault === null || fault.includes('not mounted')) return
      if (tries === 50) throw new Error(fault)
      await wait(100)
    }
  }
  context.atEnd(unmount)
  return {
    path,
    cutPower() {
      const fault = run('perl', '-e', CUT, path)
      if (fault !== null) throw new Impossible(`the power of a disk image cannot be cut here: ${fault}`)
    },
    async remount() {
      await unmount()
      mount()
    },
  }
}
