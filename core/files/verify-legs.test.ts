import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRecordComposer } from '../contract/leg-record.ts'
import { istInstant } from '../domain/ist.ts'
import { encryptedPath } from '../ports/file-cipher.ts'
import { buildBatch, createRandom } from '../testing/leg-builder.ts'
import { createLineRig, type LineRig } from '../testing/line-rig.ts'
import { type MemoryKey, memoryCipher, newMemoryKey } from '../testing/memory-keyring.ts'
import { createLegDigest } from './leg-csv.ts'
import { createCsvProjection, createJsonlProjection } from './leg-projections.ts'
import { packedPath, packFile } from './packed-file.ts'
import { verifyLegFile } from './verify-legs.ts'

const random = createRandom(4)
const records = Array.from({ length: 12 }, (_, i) => ({
  position: { epoch: 1, seq: i + 1, crc: i },
  entry: buildBatch(random, { ts: istInstant('2026-11-23', '10:00') + i * 1000, legs: 3 }),
  legs: null,
}))
const { legsOf } = createRecordComposer()
const digestOf = createLegDigest()
const digests = new Map(
  records.map(({ entry, position: { seq } }) => [`1-${seq}`, digestOf(legsOf(entry, `1-${seq}`))]),
)
const never = new AbortController().signal

describe.each([
  ['csv', createCsvProjection],
  ['jsonl', createJsonlProjection],
] as const)('the verification of a %s file', (format, create) => {
  let rig: LineRig
  let path: string
  beforeEach(async () => {
    rig = await createLineRig(create)
    path = join(rig.folder, `legs/2026-11-23/NIFTY_this_week_2026-11-23.${format}`)
    const projection = await rig.open()
    await projection.apply(records)
    await projection.stop()
  })
  afterEach(() => rig.dispose())

  const verify = () => verifyLegFile(path, format, digests)

  it('finds nothing in one as it was written, compressed or not', async () => {
    expect(await verify()).toEqual([])
    await packFile(path, 6, never)
    expect(await verify()).toEqual([])
  })

  it('reads one that is encrypted, and says so when it is damaged or locked', async () => {
    const held: MemoryKey = newMemoryKey()
    const cipher = memoryCipher(rig.folder, true, held)
    await packFile(path, 6, never)
    await cipher.encrypt(packedPath(path), never)
    expect(await verifyLegFile(path, format, digests, { cipher })).toEqual([])
    const file = encryptedPath(packedPath(path))
    const sound = await readFile(file)
    await writeFile(file, sound.subarray(0, -1))
    expect(await verifyLegFile(path, format, digests, { cipher })).toEqual(['it cannot be decompressed'])
    await writeFile(file, sound)
    held.key = null
    await expect(verifyLegFile(path, format, digests, { cipher })).rejects.toMatchObject({ code: 'data_locked' })
    await expect(verifyLegFile(path, format, digests)).rejects.toMatchObject({ code: 'file_unreadable' })
  })

  it('finds flipped bits all over a line', async () => {
    const sound = await readFile(path)
    const from = sound.lastIndexOf(0x0a, sound.length - 2)
    for (let bit = from * 8; bit < sound.length * 8; bit += 11) {
      const flipped = Uint8Array.from(sound)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      await writeFile(path, flipped)
      expect({ bit, faulty: (await verify()).length > 0 }).toEqual({ bit, faulty: true })
    }
  })

  it('names what is missing, twice there, or cut', async () => {
    const sound = await readFile(path, 'utf8')
    const lines = sound.split('\n').slice(0, -1)
    await writeFile(path, `${lines.slice(0, -3).join('\n')}\n`)
    expect(await verify()).toEqual(['batch 1-12 is missing'])
    await writeFile(path, `${[...lines, ...lines.slice(-9, -6)].join('\n')}\n`)
    expect(await verify()).toEqual(['batch 1-10 is there twice'])
    await writeFile(path, sound.slice(0, -1))
    expect(await verify()).toEqual(['its last line is incomplete'])
  })

  it('says so when a compressed one cannot be read, or none is there', async () => {
    await packFile(path, 6, never)
    const packed = await readFile(packedPath(path))
    await writeFile(packedPath(path), packed.subarray(0, packed.length - 9))
    expect(await verify()).toEqual(['it cannot be decompressed'])
    await expect(verifyLegFile(`${path}x`, format, digests)).rejects.toMatchObject({ code: 'file_unreadable' })
  })
})
