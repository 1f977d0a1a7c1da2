import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { createRecordComposer } from '../contract/leg-record.ts'
import { istInstant } from '../domain/ist.ts'
import { buildBatch, createRandom } from '../testing/leg-builder.ts'
import { readBseChain } from './bse-chain.ts'
import { readChainFile } from './chain-file.ts'
import { createCsvFormat } from './leg-csv.ts'
import { readNseChain } from './nse-chain.ts'

const folder = mkdtempSync(join(tmpdir(), 'chain-file-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
function file(content: string | Buffer): string {
  files += 1
  const path = join(folder, `chain-${files}`)
  writeFileSync(path, content)
  return path
}

const NOTHING = { at: null, expiry: null }
const NSE = JSON.stringify({
  data: [{ strikePrice: 24_200, expiryDates: '14-07-2026', CE: { underlying: 'NIFTY', lastPrice: 104 } }],
  timestamp: '10-Jul-2026 15:30:00',
})
const at = (time: string) => istInstant('2026-11-23', time)
const line = (time: string, strike: number, right: string, ltp: string) =>
  `${at(time)},NIFTY,2026-11-24,${strike},${right},${ltp},24000.00,1300,650,100.00`
const HEADER = 'ts,index,expiry,strike,right,ltp,spot,oi,volume,close'
const CSV = [
  HEADER,
  line('10:00', 24_000, 'CE', '90.00'),
  line('10:00', 24_000, 'PE', '80.00'),
  line('10:01', 24_000, 'CE', '95.00'),
  line('10:02', 24_000, 'CE', '99.00'),
].join('\n')

describe('readChainFile', () => {
  it.each([
    ['plain', NSE],
    ['gzipped', gzipSync(NSE)],
    ['with a byte order mark', `\uFEFF${NSE}`],
    ['behind blank lines', `\n  ${NSE}`],
  ])('reads JSON %s', async (_, content) => {
    const chain = await readChainFile(file(content), NOTHING)
    expect(chain).toMatchObject({ index: 'NIFTY', oiUnit: 'lots', asOf: istInstant('2026-07-10', '15:30') })
    expect(chain.legs).toHaveLength(1)
  })

  it.each([
    ['plain', `${CSV}\n`],
    ['gzipped', gzipSync(`${CSV}\n`)],
    ['that ends in the middle of a line', `${CSV}\n${at('10:03')},NIFTY,2026-11-24,240`],
    ['that ends in the middle of a price', `${CSV}\n${at('10:03')},NIFTY,2026-11-24,24000,CE,1`],
    ['with quotes and carriage returns', CSV.replaceAll('NIFTY', '"NIFTY"').replaceAll('\n', '\r\n')],
  ])('reads the last leg of each contract of a CSV %s', async (_, content) => {
    const chain = await readChainFile(file(content), NOTHING)
    expect(chain).toMatchObject({ index: 'NIFTY', oiUnit: 'units', asOf: at('10:02'), spot: 24_000 })
    expect(chain.legs.map(({ right, last, quotedAt }) => [right, last, quotedAt])).toEqual([
      ['PE', 80, at('10:00')],
      ['CE', 99, at('10:02')],
    ])
    expect(chain.legs[1]).toMatchObject({ oi: 1300, volume: 650, priceChange: -1, bid: null, oiChange: null })
  })

  it('reads a CSV as it was at an instant', async () => {
    const chain = await readChainFile(file(CSV), { at: at('10:01'), expiry: null })
    expect(chain.asOf).toBe(at('10:01'))
    expect(chain.legs.map(({ last }) => last)).toEqual([80, 95])
  })

  it('takes the time of --at for a file that tells none', async () => {
    const untimed = file(NSE.replace('timestamp', 'other'))
    await expect(readChainFile(untimed, NOTHING)).rejects.toThrow('give --at INSTANT')
    const taken = istInstant('2026-07-10', '11:00')
    expect((await readChainFile(untimed, { at: taken, expiry: null })).asOf).toBe(taken)
  })

  it.each([
    ['nothing', '', 'neither JSON of NSE or BSE nor'],
    ['another CSV', 'a,b\n1,2\n', 'neither JSON of NSE or BSE nor'],
    ['prose', 'Hello, "world\n', 'chain-'],
    ['other JSON', '{"a": 1}', 'neither JSON of NSE or BSE nor'],
    ['a list', '[1, 2]', 'neither JSON of NSE or BSE nor'],
    ['torn JSON', NSE.slice(0, -20), 'JSON'],
    ['a header alone', `${HEADER}\n`, 'holds no contract'],
    ['no expiries', NSE.replace('expiryDates', 'other'), '--expiry DATE'],
    ['a broken CSV', `${CSV}\n"`, 'chain-'],
  ])('says what is wrong with %s', async (_, content, reason) => {
    const read = readChainFile(file(content), NOTHING)
    await expect(read).rejects.toMatchObject({ code: 'chain_unreadable' })
    await expect(read).rejects.toThrow(reason)
  })

  it('says that a file cannot be read at all', async () => {
    await expect(readChainFile(join(folder, 'absent'), NOTHING)).rejects.toMatchObject({ code: 'file_unreadable' })
    await expect(readChainFile(folder, NOTHING)).rejects.toMatchObject({ code: 'file_unreadable' })
    const torn = gzipSync(NSE.repeat(3000)).subarray(0, 400)
    await expect(readChainFile(file(torn), NOTHING)).rejects.toMatchObject({ code: 'file_unreadable' })
  })

  it('has nothing to say of the time before it begins', async () => {
    await expect(readChainFile(file(CSV), { at: at('09:59'), expiry: null })).rejects.toThrow('no leg up to')
    await expect(readChainFile(file(NSE), { at: istInstant('2026-07-10', '10:00'), expiry: null })).rejects.toThrow(
      'taken after the instant',
    )
  })
})

describe('a CSV that the product wrote', () => {
  it('is read back: the last leg of every contract, its prices and interest', async () => {
    const random = createRandom(7)
    const composer = createRecordComposer()
    const format = createCsvFormat()
    const legs = [1, 2, 3].flatMap((seq) =>
      composer.legsOf(buildBatch(random, { ts: at('10:00') + 1000 * seq, legs: 12 }), `1-${seq}`),
    )
    const path = file(Buffer.concat([format.header, ...legs.map((leg) => Buffer.from(format.encode(leg)))]))
    const chain = await readChainFile(path, NOTHING)
    const last = new Map(legs.map((leg) => [`${leg.strike} ${leg.right}`, leg]))
    expect(chain.legs).toHaveLength(last.size)
    for (const { strike, right, ...read } of chain.legs) {
      const leg = last.get(`${strike} ${right}`)
      expect(read).toMatchObject({
        expiry: leg?.expiry,
        last: leg?.ltp,
        bid: leg?.bid,
        ask: leg?.ask,
        oi: leg?.oi,
        volume: leg?.volume,
        publishedIv: leg?.iv,
        quotedAt: leg?.ts,
      })
    }
  })
})

describe('any JSON at all', () => {
  it('is a chain or none, and no reader fails on it', { timeout: 60_000 }, () => {
    const scalar = fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom('17-Jul-2025', '24,200.00', 'CE', '-', 0))
    const key = fc.constantFrom(
      'CE',
      'PE',
      'strikePrice',
      'expiryDate',
      'lastPrice',
      'C_Last_Trd_Price',
      'Strike_Price1',
    )
    const row = fc.dictionary(key, fc.oneof(scalar, fc.dictionary(key, scalar)))
    const rows = fc.oneof(fc.array(fc.oneof(row, scalar), { maxLength: 4 }), scalar)
    const outer = fc.constantFrom('data', 'Table', 'ASON', 'timestamp', 'underlyingValue', 'expiryDates', 'index')
    const content = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(outer, rows),
      fc.dictionary(fc.constantFrom('records', 'data', 'filtered'), fc.dictionary(outer, rows)),
    )
    fc.assert(
      fc.property(content, (any) => {
        for (const read of [readNseChain(any), readBseChain(any, '2025-07-17')]) {
          for (const leg of read?.legs ?? []) {
            expect(leg.strike).toBeGreaterThan(0)
            expect(leg.expiry).toMatch(/^\d{4}-\d{2}-\d{2}$/)
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})
