import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openLineFile } from '../core/files/line-file.ts'
import { openPlainFile } from '../core/platform/plain-file.ts'
import type { OpenFileReader } from '../core/ports/file-reader.ts'
import type { LineFile, OpenLineFile } from '../core/ports/line-file.ts'
import { chooseFileAccess } from '../core/runtime/file-access.ts'
import { silentLogger } from '../core/testing/silent-logger.ts'
import type { Arena, Benchmark } from './harness.ts'

/** Beside the checkout's packages: on a real disk, where the system's temporary folder may be memory. */
const CACHE = join(import.meta.dirname, '../node_modules/.cache')
const FILE_BYTES = 64 * 1024 * 1024
const READ_BYTES = 4096
const READS = 500
const CHUNK_BYTES = 1024 * 1024
/** What the product appends at once: CSV_BUFFER_SIZE. */
const APPEND_BYTES = 8192
const APPENDS = 100
/** A file is begun anew when it is this long. */
const LONGEST_BYTES = 32 * 1024 * 1024

async function createReads(path: string, open: OpenFileReader) {
  const file = await open(path)
  let place = 1
  return {
    async random() {
      for (let n = 0; n < READS; n += 1) {
        place = (place * 48_271) % 2_147_483_647
        await file.read((place % (FILE_BYTES / READ_BYTES)) * READ_BYTES, READ_BYTES)
      }
      return READS
    },
    async scan() {
      for (let at = 0; at < FILE_BYTES; at += CHUNK_BYTES) await file.read(at, CHUNK_BYTES)
      return FILE_BYTES / READ_BYTES
    },
    close: () => file.close(),
  }
}

function createAppends(path: string, open: OpenLineFile) {
  const lines = Buffer.alloc(APPEND_BYTES, 'x')
  lines[APPEND_BYTES - 1] = 10
  let file: LineFile = open(path, 0)
  return {
    append() {
      if (file.size() >= LONGEST_BYTES) {
        file.close()
        rmSync(path)
        file = open(path, 0)
      }
      for (let n = 0; n < APPENDS; n += 1) file.append(lines)
      return APPENDS
    },
    close: () => file.close(),
  }
}

async function open(): Promise<Arena> {
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, 'bench-'))
  const { openFinished, openFile } = await chooseFileAccess(true, silentLogger)
  if (openFinished === undefined || openFile === undefined) throw new Error('koffi does not load on this system')
  const path = join(folder, 'finished')
  writeFileSync(path, Buffer.alloc(FILE_BYTES, 'a line of a finished file\n'))
  const plain = await createReads(path, openPlainFile)
  const mapped = await createReads(path, openFinished)
  const plainAppends = createAppends(join(folder, 'plain'), openLineFile)
  const mappedAppends = createAppends(join(folder, 'mapped'), openFile)
  const ratio = (text: string) => ({
    text: `${text}: plain / mapped`,
    ...{ of: `${text}, plain`, to: `${text}, mapped`, better: 'higher' as const, pass: null, ambitious: null },
  })
  return {
    contestants: [
      { name: 'random read of 4 KiB, plain', run: plain.random },
      { name: 'random read of 4 KiB, mapped', run: mapped.random },
      { name: 'scan, for each 4 KiB, plain', run: plain.scan },
      { name: 'scan, for each 4 KiB, mapped', run: mapped.scan },
      { name: 'append of 8 KiB, plain', run: plainAppends.append },
      { name: 'append of 8 KiB, mapped', run: mappedAppends.append },
    ],
    claims: [ratio('random read of 4 KiB'), ratio('scan, for each 4 KiB'), ratio('append of 8 KiB')],
    async close() {
      await plain.close()
      await mapped.close()
      plainAppends.close()
      mappedAppends.close()
      rmSync(folder, { recursive: true })
    },
  }
}

export const mapping: Benchmark = {
  name: 'mapping',
  title: 'Files in memory',
  description: `\`USE_MEMORY_MAPPING\` against the file system's own calls, on files that the system holds in its cache: a finished
file of 64 MiB read in 4 KiB pieces anywhere and in 1 MiB pieces from its beginning, and a live file that grows by
the ${APPEND_BYTES} bytes of a full CSV buffer at a time. Nothing is synced.`,
  unit: 'piece',
  cost: 'elapsed',
  roundMs: 150,
  page: 'guide.md',
  open,
}
