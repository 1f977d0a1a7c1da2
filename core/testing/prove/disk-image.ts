import { spawn } from 'node:child_process'
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
  cutPower(): Promise<void>
  /** Mounts it again, as after a start of the machine; nothing may be open on it. */
  remount(): Promise<void>
}

/** A mount that takes longer hangs in the kernel, where no signal reaches it. */
const PATIENCE_MS = 60_000

/** Its fault, null for none. It is not waited for longer than `PATIENCE_MS`. */
function run(command: string, ...args: readonly string[]): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const late = setTimeout(() => {
      child.unref()
      reject(new Impossible(`${command} does not come back here`))
    }, PATIENCE_MS)
    let errors = ''
    child.stderr.on('data', (text) => (errors += String(text)))
    const settle = (fault: string | null) => {
      clearTimeout(late)
      resolve(fault)
    }
    child.once('error', ({ message }) => settle(message))
    child.once('close', (status) => settle(status === 0 ? null : `${command}: ${errors.trim()}`))
  })
}

function must(fault: string | null): void {
  if (fault !== null) throw new Impossible(`no disk image can be mounted here: ${fault}`)
}

/** Makes and mounts an ext4 in a file. Throws Impossible, with the reason, where that is not possible. */
export async function mountDiskImage(
  context: Pick<ProofContext, 'folder' | 'atEnd'>,
  megabytes: number,
): Promise<DiskImage> {
  if (process.platform !== 'linux') throw new Impossible('disk images are mounted on Linux only')
  const folder = context.folder()
  const image = join(folder, 'disk.img')
  const path = join(folder, 'disk')
  mkdirSync(path)
  closeSync(openSync(image, 'w'))
  truncateSync(image, megabytes * 1024 * 1024)
  must(await run('mkfs.ext4', '-q', '-m', '0', image))
  const mount = async () => must(await run('mount', '-o', 'loop', image, path))
  await mount()
  const unmount = async () => {
    for (let tries = 1; ; tries += 1) {
      const fault = await run('umount', path)
      if (fault === null || fault.includes('not mounted')) return
      if (tries === 50) throw new Error(fault)
      await wait(100)
    }
  }
  context.atEnd(unmount)
  return {
    path,
    async cutPower() {
      const fault = await run('perl', '-e', CUT, path)
      if (fault !== null) throw new Impossible(`the power of a disk image cannot be cut here: ${fault}`)
    },
    async remount() {
      await unmount()
      await mount()
    },
  }
}
