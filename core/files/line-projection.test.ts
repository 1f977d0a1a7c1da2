import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createRecordComposer } from '../contract/leg-record.ts'
import { istInstant } from '../domain/ist.ts'
import type { Leg } from '../domain/leg.ts'
import type { JournalRecord } from '../ports/journal.ts'
import type { LineFile } from '../ports/line-file.ts'
import { buildBatch, buildRecords, createRandom } from '../testing/leg-builder.ts'
import { createLineRig, type LineRig, readTree } from '../testing/line-rig.ts'
import { describeProjection } from '../testing/projection-suite.ts'
import { CSV_HEADER, createCsvFormat } from './leg-csv.ts'
import { createJsonlFormat } from './leg-jsonl.ts'
import { createCsvProjection, createJsonlProjection } from './leg-projections.ts'
import { openLineFile } from './line-file.ts'
import type { LineFormat } from './line-format.ts'

describeProjection('csv', () => createLineRig(createCsvProjection))
describeProjection('jsonl', () => createLineRig(createJsonlProjection))
const { legsOf } = createRecordComposer()

/** The files as a plain loop over the record writes them. */
function plainFiles(records: readonly JournalRecord[], format: LineFormat): Record<string, string> {
  const files: Record<string, string> = {}
  for (const { entry, position, legs } of records) {
    if (entry.kind !== 'batch') continue
    const date = new Date(entry.ts + 5.5 * 3_600_000).toISOString().slice(0, 10)
    const path = `/legs/${date}/${entry.index}_${entry.bucket}_${date}.${format.name}`
    const all: readonly Leg[] = legs ?? legsOf(entry, `${position.epoch}-${position.seq}`)
    const lines = all.map((leg) => Buffer.from(format.encode(leg)).toString()).join('')
    files[path] = (files[path] ?? Buffer.from(format.header).toString()) + lines
  }
  return files
}

function batches(count: number, legs = 10): JournalRecord[] {
  const random = createRandom(count)
  return Array.from({ length: count }, (_, i) => ({
    position: { epoch: 1, seq: i + 1, crc: i },
    entry: buildBatch(random, { ts: istInstant('2026-11-23', '10:00') + i * 1000, legs }),
    legs: null,
  }))
}

const NIFTY_CSV = 'legs/2026-11-23/NIFTY_this_week_2026-11-23.csv'

describe('files of legs', () => {
  let rig: LineRig
  afterEach(() => rig.dispose())
  const csvRig = async (options: Parameters<typeof createLineRig>[1] = {}) => {
    rig = await createLineRig(createCsvProjection, options)
    return rig
  }
  const path = () => join(rig.folder, NIFTY_CSV)

  it.each([
    ['csv', createCsvProjection, createCsvFormat()],
    ['jsonl', createJsonlProjection, createJsonlFormat()],
  ] as const)(
    'has every leg of the record once, in order, by index, bucket and IST day (%s)',
    async (_, create, format) => {
      rig = await createLineRig(create)
      const records = buildRecords({ seed: 3, count: 300, startMs: istInstant('2026-11-23', '23:59:30') })
      const projection = await rig.open()
      await projection.apply(records)
      await projection.stop()
      const expected = plainFiles(records, format)
      expect(Object.keys(expected)).toHaveLength(8)
      expect(await readTree(rig.folder)).toEqual(expected)
    },
  )

  it('shows only complete lines at any moment, at most a buffer and a second late', async () => {
    await csvRig({ bufferBytes: 1000 })
    const projection = await rig.open()
    let shown = 0
    for (const record of batches(20, 3)) {
      await projection.apply([record])
      const text = await readFile(path(), 'utf8')
      expect(text === '' || text.endsWith('\n')).toBe(true)
      shown = text.length
    }
    const full = plainFiles(batches(20, 3), createCsvFormat())[`/${NIFTY_CSV}`] ?? ''
    expect(full.length - shown).toBeLessThanOrEqual(1000)
    rig.passTime(1000)
    expect(await readFile(path(), 'utf8')).toBe(full)
    await projection.stop()
  })

  it('writes lines that are longer than the buffer', async () => {
    await csvRig({ bufferBytes: 64 })
    const projection = await rig.open()
    await projection.apply(batches(5))
    await projection.stop()
    expect(await readTree(rig.folder)).toEqual(plainFiles(batches(5), createCsvFormat()))
  })

  it.each(['deleted', 'shortened', 'lengthened'])('is whole again after a file was %s', async (how) => {
    await csvRig()
    const records = buildRecords({ seed: 5, count: 200, others: 0.1 })
    const first = await rig.open()
    await first.apply(records)
    await first.stop()
    const before = await readTree(rig.folder)
    const text = await readFile(path(), 'utf8')
    if (how === 'deleted') await rm(path())
    if (how === 'shortened') await writeFile(path(), text.slice(0, text.length / 2))
    if (how === 'lengthened') await appendFile(path(), 'half a line of noise')
    const second = await rig.open()
    const position = second.position()
    expect(position).toEqual(how === 'lengthened' ? records.at(-1)?.position : null)
    if (position === null) await second.apply(records)
    await second.stop()
    expect(await readTree(rig.folder)).toEqual(before)
  })

  it('comes back byte for byte when a file is deleted and the cursor reset, and leaves the others alone', async () => {
    await csvRig()
    const records = buildRecords({ seed: 6, count: 200 })
    const first = await rig.open()
    await first.apply(records)
    await first.stop()
    const before = await readTree(rig.folder)
    await rm(path())
    rig.cursors.remove('csv:sim')
    const second = await rig.open()
    expect(second.position()).toBeNull()
    await second.apply(records)
    await second.stop()
    expect(await readTree(rig.folder)).toEqual(before)
  })

  it('never rewrites a finished file from a journal that no longer reaches back', async () => {
    await csvRig()
    const records = batches(40)
    const first = await rig.open()
    await first.apply(records)
    await first.stop()
    const before = await readTree(rig.folder)
    rig.cursors.remove('csv:sim')
    const second = await rig.open()
    await second.apply(records.slice(30))
    await second.stop()
    expect(await readTree(rig.folder)).toEqual(before)
  })

  it('moves a file aside that is not its own, and says nothing false about it', async () => {
    await csvRig()
    const first = await rig.open()
    await first.apply(batches(3))
    await first.stop()
    rig.cursors.remove('csv:sim')
    await writeFile(path(), 'not,ours\n1,2\n')
    const second = await rig.open()
    await second.apply(batches(3))
    await second.stop()
    const tree = await readTree(rig.folder)
    expect(tree[`/${NIFTY_CSV}.damaged-1`]).toBe('not,ours\n1,2\n')
    expect(tree[`/${NIFTY_CSV}`]).toBe(plainFiles(batches(3), createCsvFormat())[`/${NIFTY_CSV}`])
  })

  it('takes up a file that holds only its header, and a checkpoint that cannot be read', async () => {
    await csvRig()
    const first = await rig.open()
    await first.apply(batches(3))
    await first.stop()
    await writeFile(path(), CSV_HEADER)
    rig.cursors.save('csv:sim', '{"version":1,"position":{"epoch":"x"}}')
    const second = await rig.open()
    expect(second.position()).toBeNull()
    await second.apply(batches(3))
    await second.stop()
    expect(await readTree(rig.folder)).toEqual(plainFiles(batches(3), createCsvFormat()))
  })
})

/** A disk that is full after `room` bytes: it takes what fits, as a real one does, then refuses. */
function fullDisk(room: { bytes: number }) {
  return (path: string, keepBytes: number): LineFile => {
    const file = openLineFile(path, keepBytes)
    return {
      ...file,
      append(lines) {
        if (lines.length > room.bytes) throw new Error('ENOSPC: no space left on device')
        file.append(lines)
        room.bytes -= lines.length
      },
    }
  }
}

describe('faults of the disk', () => {
  let rig: LineRig
  afterEach(() => rig.dispose())

  it('rejects while the disk is full, leaves no half line, and goes on with the same records', async () => {
    const room = { bytes: 3000 }
    rig = await createLineRig((deps, options) => createCsvProjection({ ...deps, openFile: fullDisk(room) }, options))
    const records = batches(10)
    const projection = await rig.open()
    await expect(projection.apply(records)).rejects.toThrow('ENOSPC')
    await expect(projection.apply(records)).rejects.toThrow('ENOSPC')
    await expect(projection.flush()).rejects.toThrow('ENOSPC')
    expect(projection.position()).toBeNull()
    expect(await readFile(join(rig.folder, NIFTY_CSV), 'utf8')).toMatch(/\n$/)
    room.bytes = Number.POSITIVE_INFINITY
    await projection.apply(records)
    await projection.stop()
    expect(await readTree(rig.folder)).toEqual(plainFiles(records, createCsvFormat()))
  })

  it('goes on after a crash in the middle of a batch that the disk refused', async () => {
    const room = { bytes: 3000 }
    rig = await createLineRig((deps, options) => createCsvProjection({ ...deps, openFile: fullDisk(room) }, options))
    const records = batches(10)
    const first = await rig.open()
    await expect(first.apply(records)).rejects.toThrow('ENOSPC')
    room.bytes = 1000
    await first.flush()
    const position = first.position()
    expect(position).not.toBeNull()
    await rig.kill()
    room.bytes = Number.POSITIVE_INFINITY
    const second = await rig.open()
    expect(second.position()).toEqual(position)
    await second.apply(records.slice(position?.seq))
    await second.stop()
    expect(await readTree(rig.folder)).toEqual(plainFiles(records, createCsvFormat()))
  })

  it('refuses everything after a failed sync, and a restart makes it whole', async () => {
    let broken = false
    rig = await createLineRig((deps, options) => {
      const openFile = (path: string, keepBytes: number): LineFile => {
        const file = openLineFile(path, keepBytes)
        return { ...file, sync: () => (broken ? Promise.reject(new Error('EIO')) : file.sync()) }
      }
      return createCsvProjection({ ...deps, openFile }, options)
    })
    const records = batches(10)
    const first = await rig.open()
    await first.apply(records.slice(0, 4))
    await first.flush()
    broken = true
    await first.apply(records.slice(4, 6))
    await expect(first.flush()).rejects.toThrow('EIO')
    broken = false
    await expect(first.apply(records.slice(6))).rejects.toThrow('EIO')
    expect(first.position()).toEqual(records[3]?.position)
    await expect(first.stop()).rejects.toThrow('EIO')
    const second = await rig.open()
    await second.apply(records.slice(4))
    await second.stop()
    expect(await readTree(rig.folder)).toEqual(plainFiles(records, createCsvFormat()))
  })
})
