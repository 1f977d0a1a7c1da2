import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OpenFileReader } from '../ports/file-reader.ts'

/** What every reader of finished files owes. */
export function describeFileReader(name: string, open: OpenFileReader): void {
  describe(`${name}: a reader of finished files`, () => {
    let folder = ''
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'file-reader-'))
    })
    afterEach(() => rm(folder, { recursive: true }))
    const make = async (bytes: Uint8Array) => {
      const path = join(folder, 'file')
      await writeFile(path, bytes)
      return path
    }

    it('gives any stretch of the file, and what there is of one that goes beyond its end', async () => {
      const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 7919) % 251)
      const file = await open(await make(bytes))
      expect(file.size).toBe(bytes.length)
      const place = fc.tuple(fc.nat(310_000), fc.nat(100_000))
      await fc.assert(
        fc.asyncProperty(place, async ([position, length]) => {
          const read = await file.read(position, length)
          expect(Buffer.compare(read, bytes.subarray(position, position + length))).toBe(0)
        }),
      )
      await file.close()
    })

    it('reads an empty file', async () => {
      const file = await open(await make(new Uint8Array(0)))
      expect(file.size).toBe(0)
      expect(await file.read(0, 10)).toHaveLength(0)
      await file.close()
    })

    it('gives a copy, which outlives the reader', async () => {
      const file = await open(await make(Buffer.from('finished')))
      const read = await file.read(0, 8)
      await file.close()
      expect(Buffer.from(read).toString()).toBe('finished')
    })

    it('ends neither the process nor in silence where the file was cut', async () => {
      const path = await make(new Uint8Array(100_000).fill(1))
      const file = await open(path)
      await truncate(path, 10)
      const outcome = await file.read(90_000, 1000).then(
        (bytes) => bytes.length,
        () => 'refused',
      )
      expect([0, 'refused']).toContain(outcome)
      await file.close()
    })

    it('rejects as the system does where there is no file', async () => {
      await expect(open(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' })
    })
  })
}
