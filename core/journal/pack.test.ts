import { execFileSync } from 'node:child_process'
import { readFile, unlink, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Position } from '../ports/journal.ts'
import { batchEntry, collect, numberOf, sessionEntry } from '../testing/journal-builders.ts'
import { createFaultyDisk, createJournalFolder, type JournalFolder } from '../testing/journal-files.ts'
import { nodeDisk } from './disk.ts'
import { packSegment } from './pack.ts'
import { MEMBER_BYTES, packMember, unpackMember } from './packed-segment.ts'
import { openSegmentBytes } from './segment-bytes.ts'
import { listSegments, packedPath, sealPath, segmentPath } from './segment-name.ts'

let folder: JournalFolder
beforeEach(async () => {
  folder = await createJournalFolder()
})
afterEach(() => folder.dispose())

const never = new AbortController().signal
const first = () => segmentPath(folder.path, { epoch: 1, firstSeq: 0, part: 1 })

/** A finished segment of these records, and the journal's own reading of it. */
async function write(count: number): Promise<Position[]> {
  const journal = await folder.open({ commitIntervalMs: 1 })
  for (let n = 0; n < count; n += 1) journal.append(n % 2 === 0 ? sessionEntry(n) : batchEntry(n))
  await journal.flush()
  await journal.stop()
  const again = await folder.open()
  const records = await collect(again.scan(null))
  await again.stop()
  return records.map(({ position }) => position)
}

async function numbers(after: Position | null = null): Promise<number[]> {
  const journal = await folder.open()
  const records = await collect(journal.scan(after))
  await journal.stop()
  return records.map(({ entry }) => numberOf(entry))
}

/** CRC-32 and length of what was compressed. */
const GZIP_TRAILER_BYTES = 8

describe('a compressed segment', () => {
  it('is read like the raw one from every record on, and zcat gives back every byte', { timeout: 60_000 }, async () => {
    const positions = await write(12_000)
    const raw = await readFile(first())
    expect(raw.length).toBeGreaterThan(2 * MEMBER_BYTES)
    expect(await packSegment(nodeDisk, first(), 6, never)).toBe('packed')
    expect(await folder.names(1, '.log')).toEqual([])
    expect(execFileSync('zcat', [packedPath(first())], { maxBuffer: 2 * raw.length }).equals(raw)).toBe(true)
    expect((await numbers()).slice(0, 12_000)).toEqual(positions.map((_, n) => n))
    for (const at of [0, 1, 5_999, 11_998]) expect((await numbers(positions[at] ?? null))[0]).toBe(at + 1)
    const bytes = await openSegmentBytes(first(), { cipher: null })
    expect(await bytes.size()).toBe(raw.length)
    await bytes.close()
  })

  it('shows every flipped bit, and gives nothing that was not written', async () => {
    await write(40)
    await packSegment(nodeDisk, first(), 9, never)
    const sound = await readFile(packedPath(first()))
    const { text } = await readAll(first())
    await fc.assert(
      fc.asyncProperty(fc.nat(8 * sound.length - 1), async (bit) => {
        const damaged = Uint8Array.from(sound)
        damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        await writeFile(packedPath(first()), damaged)
        const read = await readAll(first())
        // Up to seven bits behind the last of the deflate stream fill its byte, and are nobody's.
        const isFilling = bit >> 3 === sound.length - GZIP_TRAILER_BYTES - 1 && read.text === text
        expect(read.fault !== null || isFilling).toBe(true)
        expect(text.startsWith(read.text)).toBe(true)
      }),
      { numRuns: 300 },
    )
    await writeFile(packedPath(first()), sound)
    expect((await readAll(first())).fault).toBeNull()
  })

  it('that is cut shows it, wherever', async () => {
    await write(6)
    await packSegment(nodeDisk, first(), 6, never)
    const sound = await readFile(packedPath(first()))
    for (let length = sound.length - 1; length > 0; length -= 1) {
      await writeFile(packedPath(first()), sound.subarray(0, length))
      expect((await readAll(first())).fault).not.toBeNull()
    }
  })

  it('costs a damaged journal only itself', async () => {
    await write(10)
    await packSegment(nodeDisk, first(), 6, never)
    const packed = await readFile(packedPath(first()))
    await writeFile(packedPath(first()), packed.fill(0, 40, 60))
    await unlink(sealPath(first()))
    const journal = await folder.open()
    journal.append(sessionEntry(77))
    await journal.flush()
    expect((await collect(journal.scan(null))).map(({ entry }) => entry.kind)).toContain('session')
    await journal.stop()
    expect(await numbers()).toContain(77)
  })
})

describe('packing', () => {
  it('leaves what is not sealed, and what is not what was sealed', async () => {
    await write(10)
    const sealed = await readFile(first())
    await writeFile(first(), Buffer.from(sealed).fill(0x20, 300, 301))
    expect(await packSegment(nodeDisk, first(), 6, never)).toBe('unsound')
    await writeFile(first(), sealed)
    await unlink(sealPath(first()))
    expect(await packSegment(nodeDisk, first(), 6, never)).toBe('not_sealed')
    expect(await folder.names(1, '.gz')).toEqual([])
    expect((await readFile(first())).equals(sealed)).toBe(true)
  })

  it.each(['create', 'write', 'sync', 'rename', 'syncFolder', 'remove'] as const)(
    'that is stopped by a fault of %s, at any time, loses nothing and can be taken up',
    async (failing) => {
      const positions = await write(10)
      for (let nth = 1; nth < 6; nth += 1) {
        let calls = 0
        const disk = createFaultyDisk((call) => {
          if (call !== failing) return
          calls += 1
          if (calls === nth) throw new Error('EIO')
        })
        const outcome = await packSegment(disk, first(), 6, never).catch(String)
        const [segment] = await listSegments(folder.path, 1)
        expect(segment?.path).toBe(first())
        expect((await numbers()).slice(0, 10)).toEqual(positions.map((_, n) => n))
        if (outcome === 'packed' || segment?.raw === false) return
      }
      expect(await packSegment(nodeDisk, first(), 6, never)).toBe('packed')
      expect(await folder.names(1, '.tmp')).toEqual([])
    },
  )

  it('gives back any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5_000 }), fc.integer({ min: 1, max: 9 }), async (bytes, level) => {
        const raw = await unpackMember(await packMember(bytes, level))
        expect(raw?.equals(bytes)).toBe(true)
      }),
    )
  })
})

/** Every raw byte that is given, and the fault that ended it. */
async function readAll(path: string): Promise<{ text: string; fault: unknown }> {
  const bytes = await openSegmentBytes(path, { cipher: null })
  const whole: Buffer[] = []
  try {
    for (let at = 0; ; ) {
      const part = Buffer.alloc(4_096)
      const length = await bytes.read(part, 0, part.length, at)
      if (length === 0) return { text: Buffer.concat(whole).toString('latin1'), fault: null }
      whole.push(part.subarray(0, length))
      at += length
    }
  } catch (fault) {
    return { text: Buffer.concat(whole).toString('latin1'), fault }
  } finally {
    await bytes.close()
  }
}
