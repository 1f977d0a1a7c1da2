import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Instrument } from '../domain/instrument.ts'
import { createReferenceArchive } from './reference-archive.ts'

const MONDAY = '2026-11-23'
const TUESDAY = '2026-11-24'

function option(token: number, expiry: string, strike: number, lotSize = 65, name = 'NIFTY'): Instrument {
  const symbol = `${name}${expiry}${strike}CE`
  return {
    token,
    exchange: 'NFO',
    symbol,
    name,
    expiry,
    strike,
    tickSize: 0.05,
    lotSize,
    type: 'CE',
    segment: 'NFO-OPT',
  }
}

/** A dump whose body is its instruments as JSON. */
function dump(instruments: readonly Instrument[]) {
  const body = JSON.stringify(instruments)
  return { exchange: 'NFO', body, instruments, sha256: createHash('sha256').update(body).digest('hex') } as const
}

const BEFORE = dump([
  option(1, '2026-11-24', 24_000),
  option(2, '2026-11-24', 24_050),
  option(3, '2026-12-29', 24_000, 75),
  option(9, '2026-11-24', 100, 500, 'RELIANCE'),
])
const AFTER = dump([
  option(1, '2026-11-24', 24_000),
  option(4, '2026-11-24', 24_100),
  option(3, '2026-12-29', 24_000, 65),
  option(2, '2026-12-01', 24_000),
  option(9, '2026-11-24', 200, 600, 'RELIANCE'),
])

describe('the archive of instruments dumps', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reference-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const open = () =>
    createReferenceArchive({ parse: async (body) => JSON.parse(body) }, { folder, names: new Set(['NIFTY']) })
  const names = (date: string) => readdir(join(folder, 'reference', date))
  const changes = async (date: string, name = 'NFO') =>
    JSON.parse(await readFile(join(folder, 'reference', date, `${name}.changes.json`), 'utf8'))

  it('keeps a dump as it came, and tells what it changed', async () => {
    await open().keep(MONDAY, BEFORE)
    expect(await changes(MONDAY)).toMatchObject({ rows: 4, previous: null, changes: null })
    await open().keep(TUESDAY, AFTER)
    const kept = await readFile(join(folder, 'reference', TUESDAY, 'NFO.csv.gz'))
    expect(gunzipSync(kept).toString()).toBe(AFTER.body)
    expect(await changes(TUESDAY)).toEqual({
      exchange: 'NFO',
      date: TUESDAY,
      sha256: AFTER.sha256,
      rows: 5,
      previous: MONDAY,
      changes: {
        expiries: { added: [{ name: 'NIFTY', expiry: '2026-12-01' }], removed: [], moved: [] },
        lots: [{ name: 'NIFTY', expiry: '2026-12-29', before: 75, after: 65 }],
        strikes: [{ name: 'NIFTY', expiry: '2026-11-24', added: [24_100], removed: [24_050] }],
        reused_tokens: [{ token: 2, before: 'NIFTY2026-11-2424050CE', after: 'NIFTY2026-12-0124000CE' }],
      },
    })
    const { previous, changes: told } = await changes(TUESDAY)
    expect(await open().changes(TUESDAY, 'NFO')).toEqual({ previous, changes: told })
    expect([await open().changes(MONDAY, 'NFO'), await open().changes('2026-11-25', 'NFO')]).toEqual([
      { previous: null, changes: null },
      null,
    ])
    expect(await open().read(TUESDAY, 'NFO')).toEqual(AFTER.instruments)
    expect([await open().read('2026-11-25', 'NFO'), await open().read(TUESDAY, 'BFO')]).toEqual([null, null])
  })

  it('keeps the same dump once, and another of the same day beside it', async () => {
    const archive = open()
    await Promise.all([archive.keep(MONDAY, BEFORE), archive.keep(MONDAY, BEFORE)])
    expect((await names(MONDAY)).sort()).toEqual(['NFO.changes.json', 'NFO.csv.gz'])
    await archive.keep(MONDAY, AFTER)
    await archive.keep(MONDAY, AFTER)
    expect((await names(MONDAY)).sort()).toEqual([
      'NFO.changes.json',
      'NFO.csv.gz',
      'NFO_2.changes.json',
      'NFO_2.csv.gz',
    ])
    expect(await archive.read(MONDAY, 'NFO')).toEqual(BEFORE.instruments)
  })

  it('reads what an earlier version has told, and nothing from a damaged file', async () => {
    await open().keep(MONDAY, BEFORE)
    await open().keep(TUESDAY, AFTER)
    const path = join(folder, 'reference', TUESDAY, 'NFO.changes.json')
    const told = await changes(TUESDAY)
    await writeFile(
      path,
      JSON.stringify({ ...told, changes: { ...told.changes, expiries: { added: [], removed: [] } } }),
    )
    expect((await open().changes(TUESDAY, 'NFO'))?.changes?.expiries.moved).toEqual([])
    await writeFile(path, '{"exch')
    expect(await open().changes(TUESDAY, 'NFO')).toBeNull()
  })

  it('completes what a kill left', async () => {
    await open().keep(MONDAY, BEFORE)
    await writeFile(join(folder, 'reference', MONDAY, 'NFO.changes.json'), '{"exch')
    await writeFile(join(folder, 'reference', MONDAY, 'NFO.csv.gz.tmp'), 'cut')
    await open().keep(MONDAY, BEFORE)
    expect(await changes(MONDAY)).toMatchObject({ sha256: BEFORE.sha256 })
  })

  it('says what it cannot read', async () => {
    await open().keep(MONDAY, BEFORE)
    await writeFile(join(folder, 'reference', MONDAY, 'NFO.csv.gz'), 'damaged')
    await expect(open().read(MONDAY, 'NFO')).rejects.toMatchObject({ code: 'file_unreadable' })
  })
})
