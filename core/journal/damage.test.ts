import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Logger } from '../kernel/logger.ts'
import type { Position } from '../ports/journal.ts'
import { batchEntry, collect, numberOf, sessionEntry, take } from '../testing/journal-builders.ts'
import { createJournalFolder, type JournalFolder } from '../testing/journal-files.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { encodeEntry } from './entry-codec.ts'
import { encodeLine } from './line-format.ts'
import type { LineFault } from './line-reader.ts'
import { readRecords } from './record-reader.ts'
import { readSeal } from './seal.ts'
import { encodeHeader } from './segment-header.ts'
import { listSegments, segmentPath } from './segment-name.ts'
import { readableSegment } from './segment-reader.ts'

/** What readers get from the segments of one epoch, without opening the journal. */
async function readEpoch(folder: string, epoch: number) {
  const segments = await listSegments(folder, epoch)
  const damage: LineFault[] = []
  const unknown: Position[] = []
  const report = {
    damage: (_path: string, fault: LineFault) => damage.push(fault),
    unknown: (position: Position) => unknown.push(position),
  }
  const numbers: number[] = []
  const readable = segments.map((segment) => readableSegment({ ...segment, committed: null }, { cipher: null }))
  for await (const records of readRecords(readable, { position: null, place: null }, report))
    numbers.push(...records.map(({ record }) => numberOf(record.entry)))
  return { numbers, damage, unknown }
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes)
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return flipped
}

describe('a damaged journal', () => {
  let folder: JournalFolder
  beforeEach(async () => {
    folder = await createJournalFolder()
  })
  afterEach(() => folder.dispose())

  const path = (epoch: number, firstSeq: number) => segmentPath(folder.path, { epoch, firstSeq, part: 1 })

  async function write(numbers: readonly number[], options = {}): Promise<void> {
    const journal = await folder.open(options)
    for (const n of numbers) {
      journal.append(n % 2 === 0 ? sessionEntry(n) : batchEntry(n))
      await journal.flush()
    }
    await journal.stop()
  }

  it('shows every flipped bit of a segment, and gives nothing that was not written', async () => {
    await write([2, 4])
    const file = path(1, 0)
    const sound = await readFile(file)
    for (let bit = 0; bit < sound.length * 8; bit += 1) {
      await writeFile(file, flip(sound, bit))
      const { numbers, damage } = await readEpoch(folder.path, 1)
      expect({ bit, damaged: damage.length > 0 }).toEqual({ bit, damaged: true })
      expect([2, 4].slice(0, numbers.length)).toEqual(numbers)
      expect(numbers.length).toBeLessThan(2)
    }
  }, 60_000)

  it('shows every flipped bit of a seal', async () => {
    await write([1])
    const file = path(1, 1).replace('.log', '.seal')
    const sound = await readFile(file)
    expect(await readSeal(path(1, 1))).not.toBeNull()
    for (let bit = 0; bit < sound.length * 8; bit += 1) {
      await writeFile(file, flip(sound, bit))
      expect({ bit, seal: await readSeal(path(1, 1)) }).toEqual({ bit, seal: null })
    }
  }, 60_000)

  it.each([
    ['a missing record', (lines: string[]) => lines.toSpliced(2, 1)],
    [
      'exchanged records',
      (lines: string[]) => [...lines.slice(0, 2), ...lines.slice(2, 4).reverse(), ...lines.slice(4)],
    ],
    ['a repeated record', (lines: string[]) => lines.toSpliced(2, 0, lines[2] ?? '')],
  ])('shows %s', async (_name, change) => {
    await write([1, 3, 5, 7])
    const lines = (await readFile(path(1, 1), 'utf8')).trimEnd().split('\n')
    await writeFile(path(1, 1), `${change(lines).join('\n')}\n`)
    const { numbers, damage } = await readEpoch(folder.path, 1)
    expect(damage).toHaveLength(1)
    expect(numbers).toEqual([1, 3, 5, 7].slice(0, numbers.length))
  })

  it('shows records that are missing at the end of a segment, even whole ones', async () => {
    await write([1, 3, 5], { segmentBytes: 1 })
    await write([7])
    const last = await readFile(path(1, 3), 'utf8')
    await writeFile(path(1, 3), `${last.split('\n')[0]}\n`)
    const first = await readFile(path(1, 1), 'utf8')
    await writeFile(path(1, 1), `${first.split('\n')[0]}\n`)
    const { numbers, damage } = await readEpoch(folder.path, 1)
    expect(numbers).toEqual([3])
    expect(damage).toMatchObject([{ reason: 'records are missing at its end' }])
    const journal = await folder.open()
    expect((await collect(journal.scan(null))).map(({ entry }) => numberOf(entry))).toEqual([3, 7])
  })

  it('keeps later segments and epochs readable, and records the loss once', async () => {
    const errors: string[] = []
    const logger: Logger = { ...silentLogger, error: (message) => errors.push(message) }
    await write([1, 3, 5, 7, 9])
    await rm(path(1, 1).replace('.log', '.seal'))
    const bytes = await readFile(path(1, 1))
    const damaged = flip(bytes, bytes.indexOf('"trace-3"') * 8)
    await writeFile(path(1, 1), damaged)

    const second = await folder.open({}, { logger })
    second.append(batchEntry(11))
    await second.flush()
    const entries = (await collect(second.scan(null))).map(({ entry }) => entry)
    expect(entries).toMatchObject([
      { kind: 'batch', ts: batchEntry(1).ts },
      { kind: 'gap', cause: 'corruption', from: batchEntry(1).ts, to: batchEntry(9).ts },
      { kind: 'batch', ts: batchEntry(11).ts },
    ])
    expect(errors.length).toBeGreaterThan(0)
    expect(await readFile(path(1, 1))).toEqual(Buffer.from(damaged))
    await second.stop()

    const third = await folder.open()
    await third.flush()
    expect((await collect(third.scan(null))).map(({ entry }) => entry.kind)).toEqual(['batch', 'gap', 'batch'])
  })

  it.each([1, 3])('lets a consumer go on that had read what an opening found damaged at record %i', async (n) => {
    await write([1, 3, 5])
    const before = await folder.open()
    const cursor = before.durable()
    await before.stop()
    await rm(path(1, 1).replace('.log', '.seal'))
    const bytes = await readFile(path(1, 1))
    await writeFile(path(1, 1), flip(bytes, bytes.indexOf(`"trace-${n}"`) * 8))
    await rm(join(folder.path, '2'), { recursive: true })
    const journal = await folder.open()
    journal.append(batchEntry(7))
    await journal.flush()
    const rest = (await collect(journal.scan(cursor))).map(({ entry }) => entry)
    expect(rest).toMatchObject([{ kind: 'gap' }, { kind: 'batch', ts: batchEntry(7).ts }])
  })

  it('lets a reader go on whose position lies in the damage, and still refuses one that never was', async () => {
    const numbers = Array.from({ length: 12 }, (_, at) => at * 2 + 1)
    await write(numbers, { segmentBytes: 1300 })
    const journal = await folder.open()
    const all = await collect(journal.scan(null))
    const names = await folder.names(1, '.log')
    expect(names.length).toBeGreaterThan(2)
    const bytes = await readFile(path(1, 1))
    await writeFile(path(1, 1), flip(bytes, (bytes.indexOf(0x0a) + 30) * 8))
    const position = all[0]?.position ?? null
    const rest = (await collect(journal.scan(position))).map(({ entry }) => numberOf(entry))
    expect(rest).toEqual(numbers.slice(-rest.length))
    expect(rest.length).toBeGreaterThan(6)
    const late = all.at(-1)?.position ?? { epoch: 1, seq: 1, crc: 0 }
    await expect(take(journal, { ...late, crc: late.crc ^ 1 }, 1)).rejects.toMatchObject({ code: 'journal_corrupt' })
  })

  it('passes over records of a newer version and counts them', async () => {
    const header = encodeHeader({
      kind: 'segment',
      format: 1,
      epoch: 1,
      firstSeq: 1,
      previous: null,
      previousSeal: null,
      source: 'sim',
      createdAt: 0,
      fence: 'f',
    })
    const first = encodeLine(1, encodeEntry(batchEntry(1)), 0)
    const newer = encodeLine(1, '{"kind":"prophecy","ts":5}', first.crc)
    const changed = encodeLine(1, '{"kind":"session","ts":5}', newer.crc)
    const last = encodeLine(2, encodeEntry(batchEntry(2)), changed.crc)
    await mkdir(dirname(path(1, 1)), { recursive: true })
    await writeFile(path(1, 1), Buffer.concat([header, first, newer, changed, last].map((line) => line.bytes)))
    const { numbers, damage, unknown } = await readEpoch(folder.path, 1)
    expect(numbers).toEqual([1, 2])
    expect(damage).toEqual([])
    expect(unknown.map(({ crc }) => crc)).toEqual([newer.crc, changed.crc])
    const journal = await folder.open()
    expect(journal.durable()).toEqual({ epoch: 1, seq: 2, crc: last.crc })
  })
})
