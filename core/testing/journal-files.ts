import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Disk, type DiskFile, nodeDisk } from '../journal/disk.ts'
import {
  createFileJournal,
  type FileJournal,
  type FileJournalDeps,
  type FileJournalOptions,
} from '../journal/file-journal.ts'
import { createSystemClock } from '../platform/system-clock.ts'
import { silentLogger } from './silent-logger.ts'

/** A temporary folder with a journal in it, opened as often as wanted. */
export interface JournalFolder {
  readonly path: string
  create(options?: Partial<FileJournalOptions>, deps?: Partial<FileJournalDeps>): FileJournal
  open(options?: Partial<FileJournalOptions>, deps?: Partial<FileJournalDeps>): Promise<FileJournal>
  /** Names of an epoch's files with this ending, sorted. */
  names(epoch: number, ending: string): Promise<string[]>
  /** Stops the journals that were opened here and removes the folder. */
  dispose(): Promise<void>
}

export async function createJournalFolder(parent = tmpdir()): Promise<JournalFolder> {
  const root = await mkdtemp(join(parent, 'journal-'))
  const path = join(root, 'journal')
  const opened: FileJournal[] = []
  const create: JournalFolder['create'] = (options, deps) => {
    const journal = createFileJournal(
      { clock: createSystemClock(), logger: silentLogger, ...deps },
      { folder: path, source: 'sim', commitIntervalMs: 5, retryMs: 20, ...options },
    )
    opened.push(journal)
    return journal
  }
  return {
    path,
    create,
    async open(options, deps) {
      const journal = create(options, deps)
      await journal.start()
      return journal
    },
    async names(epoch, ending) {
      const names = await readdir(join(path, String(epoch)))
      return names.filter((name) => name.endsWith(ending)).sort()
    },
    async dispose() {
      await Promise.allSettled(opened.map((journal) => journal.stop()))
      await rm(root, { recursive: true, force: true })
    },
  }
}

export type DiskCall = 'create' | 'write' | 'sync' | 'remove' | 'rename' | 'syncFolder'

/** The real disk, with whatever `fault` throws or does before each call. `paths` are whole. */
export function createFaultyDisk(fault: (call: DiskCall, path: string) => void | Promise<void>): Disk {
  return {
    async create(path) {
      await fault('create', path)
      return faultyFile(await nodeDisk.create(path), path, fault)
    },
    async rename(from, to) {
      await fault('rename', to)
      await nodeDisk.rename(from, to)
    },
    async remove(path) {
      await fault('remove', path)
      await nodeDisk.remove(path)
    },
    async syncFolder(path) {
      await fault('syncFolder', path)
      await nodeDisk.syncFolder(path)
    },
  }
}

function faultyFile(
  file: DiskFile,
  path: string,
  fault: (call: DiskCall, path: string) => void | Promise<void>,
): DiskFile {
  return {
    async write(bytes, offset, length, position) {
      // The first write takes half and the error comes after some bytes, as when a disk runs full.
      const short = offset === 0 ? Math.max(1, length >> 1) : length
      const taken = await file.write(bytes, offset, short, position)
      await fault('write', path)
      return taken
    },
    async sync() {
      await fault('sync', path)
      await file.sync()
    },
    close: () => file.close(),
  }
}
