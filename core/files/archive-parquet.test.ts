import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createRecordComposer } from '../contract/leg-record.ts'
import type { PlacedLeg } from '../domain/leg.ts'
import { buildRecords } from '../testing/leg-builder.ts'
import { writeArchiveParquet } from './archive-parquet.ts'
import { readArchiveParquet } from './read-archive-parquet.ts'

const folder = mkdtempSync(join(tmpdir(), 'parquet-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'legs.parquet')

/** As a day store has prices. */
const toPaise = (price: number | null) => (price === null ? null : Math.round(price * 100) / 100)

function legsOf(seed: number, count = 400): PlacedLeg[] {
  const composer = createRecordComposer()
  return buildRecords({ seed, count, epochEvery: 150 }).flatMap(({ position, entry }) => {
    if (entry.kind !== 'batch') return []
    const legs = composer.legsOf(entry, `${position.epoch}-${position.seq}`)
    return legs.map((leg, row) => ({ ...leg, forward: toPaise(leg.forward), row }))
  })
}

async function readBack() {
  const parts: PlacedLeg[][] = []
  for await (const part of readArchiveParquet(path)) parts.push([...part])
  return parts
}

describe('the Parquet of an archived day', () => {
  it.each([1, 2, 3])('gives back every value of every leg in the order of the record (seed %i)', async (seed) => {
    const legs = legsOf(seed)
    for (const compress of [true, false]) {
      expect(await writeArchiveParquet(path, legs, { compress, groupRows: 97 })).toBe(legs.length)
      const parts = await readBack()
      expect(parts.flat()).toEqual(legs)
      expect(parts.map((part) => part.length).slice(0, -1)).toEqual(Array(Math.floor(legs.length / 97)).fill(97))
    }
  })

  it('rounds what the record is to have in fewer digits, unless it is to be exact', async () => {
    const third = 1 / 3
    const legs = legsOf(4).map((leg) => ({ ...leg, iv: third, delta: -third, rho: third * 1e-9 }))
    await writeArchiveParquet(path, legs, { compress: true })
    expect((await readBack()).flat()[0]).toMatchObject({ iv: 0.33333333, delta: -0.3333333, rho: 0 })
    await writeArchiveParquet(path, legs, { compress: true, exact: true })
    expect((await readBack()).flat()).toEqual(legs)
  })

  it('is of no legs when there are none, and still Parquet', async () => {
    expect(await writeArchiveParquet(path, [], { compress: true })).toBe(0)
    expect(readFileSync(path).toString('latin1', 0, 4)).toBe('PAR1')
    expect(await readBack()).toEqual([])
  })
})
