import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCsvProjection } from '../files/leg-projections.ts'
import { openLineFile } from '../files/line-file.ts'
import { packedPath, packFile, unpackFile } from '../files/packed-file.ts'
import { createSegmentPacker } from '../journal/packer.ts'
import { openPlainFile } from '../platform/plain-file.ts'
import { eventually } from '../testing/eventually.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { describeFileReader } from '../testing/file-reader-suite.ts'
import { batchEntry, collect } from '../testing/journal-builders.ts'
import { createJournalFolder } from '../testing/journal-files.ts'
import { buildRecords } from '../testing/leg-builder.ts'
import { describeLineFile } from '../testing/line-file-suite.ts'
import { createLineRig, readTree } from '../testing/line-rig.ts'
import { openMappedProjection, WRITTEN } from '../testing/line-writer.ts'
import { describeProjection } from '../testing/projection-suite.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { mountSmallDisk, unmountSmallDisk } from '../testing/small-disk.ts'
import { chooseFileAccess } from './file-access.ts'

/** They wait for disks and processes, on a busy machine for long. */
vi.setConfig({ testTimeout: 180_000 })

const WRITER = fileURLToPath(new URL('../testing/line-writer.ts', import.meta.url))
const { openFinished, openFile } = await chooseFileAccess(true, silentLogger)
const smallDisk = mountSmallDisk()
afterAll(() => unmountSmallDisk(smallDisk))

describeFileReader('plain', openPlainFile)
describeLineFile('plain', openLineFile)

it('leaves everything to the file system where mapping is not asked for', async () => {
  expect(await chooseFileAccess(false, silentLogger)).toEqual({})
})

if (openFinished === undefined || openFile === undefined) {
  it.skip('files in memory (koffi does not load on this system)')
} else {
  describeFileReader('mapped', openFinished)
  describeLineFile('mapped', openFile)
  describeProjection('csv, mapped', () => createLineRig(createCsvProjection, {}, openFile))

  describe('files in memory', () => {
    let folder = ''
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'file-access-'))
    })
    afterEach(() => rm(folder, { recursive: true }))

    it('compresses and brings back the same bytes', async () => {
      const path = join(folder, 'a.csv')
      const lines = 'a,line\n'.repeat(400_000)
      writeFileSync(path, lines)
      await packFile(path, 6, new AbortController().signal, openFinished)
      expect(readFileSync(packedPath(path)).length).toBeLessThan(lines.length / 50)
      await unpackFile(path, { cipher: null, openFinished })
      expect(readFileSync(path, 'latin1') === lines).toBe(true)
    })

    it('reads the journal alike: segments that are written, sealed and compressed', async () => {
      const journals = await createJournalFolder(folder)
      const opened: string[] = []
      const journal = await journals.open(
        { segmentBytes: 30_000 },
        {
          openFinished: (path) => {
            opened.push(path)
            return openFinished(path)
          },
        },
      )
      try {
        for (let n = 1; n <= 400; n += 1) {
          journal.append(batchEntry(n, 300))
          if (n % 20 === 0) await journal.flush()
        }
        const before = await collect(journal.scan(null))
        expect(before).toHaveLength(400)
        expect(opened.some((path) => path.endsWith('.log'))).toBe(true)
        const packer = createSegmentPacker(
          { clock: createFakeClock(0), logger: silentLogger },
          { folder: journals.path },
        )
        await packer.start()
        await eventually(async () => expect((await journals.names(1, '.log')).length).toBe(1), 60_000)
        await packer.stop()
        opened.length = 0
        expect(await collect(journal.scan(null))).toEqual(before)
        expect(await collect(journal.scan(before[199]?.position ?? null))).toEqual(before.slice(200))
        expect(opened.some((path) => path.endsWith('.log.gz'))).toBe(true)
      } finally {
        await journals.dispose()
      }
    })

    it.skipIf(smallDisk === null)('says that the disk is full, and goes on when there is room (needs mount)', () => {
      const ballast = join(smallDisk ?? '', 'ballast')
      writeFileSync(ballast, new Uint8Array(700_000))
      const path = join(smallDisk ?? '', 'legs.csv')
      const file = openFile(path, 0)
      const line = Buffer.from(`${'x'.repeat(999)}\n`)
      let written = 0
      const write = () => {
        for (; written < 900; written += 1) file.append(line)
      }
      expect(write).toThrow(expect.objectContaining({ code: 'file_unwritable' }))
      expect(readFileSync(path).length).toBe(written * 1000)
      writeFileSync(ballast, '')
      write()
      expect(readFileSync(path, 'latin1') === line.toString().repeat(900)).toBe(true)
      file.close()
    })

    it('is byte for byte what the record says after kill upon kill', async () => {
      for (let round = 0; round < 3; round += 1) {
        const child = spawn(process.execPath, [WRITER, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
        let said = 0
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          said += text.split('\n').length - 1
        })
        const closed = once(child, 'close')
        await eventually(() => expect(said).toBeGreaterThan(40 + round * 37), 60_000).finally(() =>
          child.kill('SIGKILL'),
        )
        await closed
      }
      const records = buildRecords(WRITTEN)
      const { projection, stop } = await openMappedProjection(folder)
      const place = JSON.stringify(projection.position())
      const from = records.findIndex(({ position }) => JSON.stringify(position) === place) + 1
      expect(from).toBeGreaterThan(0)
      for (let at = from; at < records.length; at += 100) await projection.apply(records.slice(at, at + 100))
      await stop()
      const rig = await createLineRig(createCsvProjection)
      const plain = await rig.open()
      await plain.apply(records)
      await plain.stop()
      expect(await readTree(join(folder, 'legs'))).toEqual(await readTree(join(rig.folder, 'legs')))
      await rig.dispose()
    })
  })
}
