import { mkdtemp, open as openHandle, readdir, readFile, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { createRecordComposer } from '../contract/leg-record.ts'
import { fileLength } from '../files/adopt-file.ts'
import { openLineFile } from '../files/line-file.ts'
import type { LineProjectionDeps, LineProjectionOptions } from '../files/line-projection.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { LineFile, OpenLineFile } from '../ports/line-file.ts'
import type { Projection } from '../ports/projection.ts'
import { createFakeClock, type FakeClock } from './fake-clock.ts'
import { createMemoryCursors } from './memory-cursors.ts'
import type { ProjectionRig } from './projection-suite.ts'
import { silentLogger } from './silent-logger.ts'

/** Every file below `folder` by relative path, as text. */
export async function readTree(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const pairs = files.sort().map(async (path) => [path.slice(folder.length), await readText(path)] as const)
  return Object.fromEntries(await Promise.all(pairs))
}

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path)
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
}

async function zeroFill(path: string, from: number, count: number): Promise<void> {
  const handle = await openHandle(path, 'r+')
  try {
    await handle.write(new Uint8Array(count), 0, count, from)
  } finally {
    await handle.close()
  }
}

/** Real files whose synced lengths are remembered, so that a power cut can take the rest away. */
function createVolatileFiles(open: OpenLineFile) {
  const synced = new Map<string, number>()
  const opened = new Set<LineFile>()
  return {
    openFile(path: string, keepBytes: number): LineFile {
      const file = open(path, keepBytes)
      synced.set(path, Math.min(synced.get(path) ?? 0, keepBytes))
      opened.add(file)
      return {
        ...file,
        async sync() {
          const size = file.size()
          await file.sync()
          if (opened.has(file)) synced.set(path, size)
        },
      }
    },
    /** Releases handles as the end of a process does. */
    abandon() {
      for (const file of opened) file.close()
      opened.clear()
    },
    /** What was not synced is zeros in its first half, or gone; a disk writes blocks in any order. */
    async loseUnsynced() {
      for (const [path, bytes] of synced) {
        const size = fileLength(path) ?? 0
        if (size <= bytes) continue
        if (size % 2 === 0) await truncate(path, bytes)
        else await zeroFill(path, bytes, Math.ceil((size - bytes) / 2))
      }
    },
  }
}

/** The same cursors for one process: when it is gone, what it still tries to save goes nowhere. */
function cursorsOfProcess(cursors: Cursors, isAlive: () => boolean): Cursors {
  return { ...cursors, save: (name, value) => (isAlive() ? cursors.save(name, value) : undefined) }
}

export interface LineRig extends ProjectionRig {
  readonly folder: string
  readonly cursors: Cursors
}

type CreateProjection = (deps: LineProjectionDeps, options: LineProjectionOptions) => Projection

/** A temporary folder for a CSV or JSONL projection. Small buffers and few handles, so that every limit is met. */
export async function createLineRig(
  create: CreateProjection,
  options: Partial<LineProjectionOptions> = {},
  openFile: OpenLineFile = openLineFile,
): Promise<LineRig> {
  const folder = await mkdtemp(join(tmpdir(), 'line-projection-'))
  const cursors = createMemoryCursors()
  const files = createVolatileFiles(openFile)
  const { legsOf } = createRecordComposer()
  let clock: FakeClock = createFakeClock(0)
  const kill = async () => {
    clock = createFakeClock(0)
    files.abandon()
  }
  return {
    folder,
    cursors,
    kill,
    async open() {
      const own = createFakeClock(0)
      clock = own
      const deps = {
        clock,
        logger: silentLogger,
        cursors: cursorsOfProcess(cursors, () => clock === own),
        legsOf,
        openFile: files.openFile,
      }
      const projection = create(deps, { folder, source: 'sim', bufferBytes: 1000, maxOpenFiles: 3, ...options })
      await projection.start()
      return projection
    },
    passTime(ms) {
      clock.advance(ms)
    },
    async cutPower() {
      await kill()
      await files.loseUnsynced()
    },
    async wipe() {
      await rm(join(folder, 'legs'), { recursive: true })
      cursors.remove('csv:sim')
      cursors.remove('jsonl:sim')
    },
    content: async () => {
      const tree = Object.entries(await readTree(folder))
      return Object.fromEntries(tree.map(([path, text]) => [path.replace(/\.gz$/, ''), text]))
    },
    dispose: async () => {
      await kill()
      await rm(folder, { recursive: true })
    },
  }
}
