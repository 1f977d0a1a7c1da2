import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OpenLineFile } from '../ports/line-file.ts'

/** What every growing file of lines owes. */
export function describeLineFile(name: string, open: OpenLineFile): void {
  describe(`${name}: a growing file of lines`, () => {
    let folder = ''
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'line-file-'))
    })
    afterEach(() => rm(folder, { recursive: true }))
    const path = () => join(folder, 'legs', 'file.csv')
    const text = () => readFileSync(path(), 'latin1')

    it('holds after every write what was appended, to the byte', async () => {
      const lines = fc.array(fc.nat(3_000_000), { minLength: 1, maxLength: 6 })
      await fc.assert(
        fc.asyncProperty(lines, async (lengths) => {
          const file = open(path(), 0)
          let expected = ''
          for (const [at, length] of lengths.entries()) {
            const line = `${String(at).repeat(length)}\n`
            file.append(Buffer.from(line))
            expected += line
            expect(file.size()).toBe(expected.length)
            expect(text() === expected).toBe(true)
            if (at % 2 === 1) await file.sync()
          }
          file.close()
          file.close()
          expect(text() === expected).toBe(true)
        }),
        { numRuns: 8 },
      )
    })

    it('is cut back to what is to be kept, and goes on from there', async () => {
      const first = open(path(), 0)
      first.append(Buffer.from('kept\nlost'))
      first.close()
      await writeFile(path(), '\0'.repeat(70_000), { flag: 'a' })
      const second = open(path(), 5)
      second.append(Buffer.from('new\n'))
      await second.sync()
      second.close()
      expect(text()).toBe('kept\nnew\n')
    })

    it('says as file_unwritable that it cannot be opened', async () => {
      await writeFile(join(folder, 'legs'), 'in the way')
      expect(() => open(path(), 0)).toThrow(expect.objectContaining({ code: 'file_unwritable' }))
    })
  })
}
