import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** What the journal asks of the file system when it writes; tests put faults in its place. */
export interface Disk {
  /** Makes a file that must not exist yet. */
  create(path: string): Promise<DiskFile>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Makes names in a folder durable. */
  syncFolder(path: string): Promise<void>
}

export interface DiskFile {
  /** Resolves with how many bytes were taken, which may be fewer than asked. */
  write(bytes: Uint8Array, offset: number, length: number, position: number): Promise<number>
  /** Data and size are on the medium when it resolves. */
  sync(): Promise<void>
  close(): Promise<void>
}

export const nodeDisk: Disk = {
  async create(path) {
    const handle = await open(path, 'wx', 0o600)
    return {
      write: async (bytes, offset, length, position) =>
        (await handle.write(bytes, offset, length, position)).bytesWritten,
      sync: () => handle.datasync(),
      close: () => handle.close(),
    }
  },
  rename,
  remove: (path) => rm(path, { force: true }),
  async syncFolder(path) {
    // Windows opens no folders; NTFS journals names by itself.
    if (process.platform === 'win32') return
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
}

/** A short write is not an error to the system; it is repeated until every byte is taken. */
export async function writeAll(file: DiskFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const taken = await file.write(bytes, done, bytes.length - done, position + done)
    if (taken <= 0) throw new Error('the disk takes no more bytes')
    done += taken
  }
}

/** After it resolves the path holds exactly `bytes`, whatever happens to the power; before, what it held until then. */
export async function replaceFile(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`
  await disk.remove(temporary)
  const file = await disk.create(temporary)
  try {
    await writeAll(file, bytes, 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await disk.rename(temporary, path)
  await disk.syncFolder(dirname(path))
}

/** Makes a folder, and those above it, so that their names survive a power cut. */
export async function makeFolder(disk: Disk, path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let made = path; made.length >= first.length; made = dirname(made)) await disk.syncFolder(dirname(made))
}
