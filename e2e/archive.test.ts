import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { buildBundles } from '../build/bundles.js'
import { optionChainSchema } from '../core/contract/api-schema.ts'
import { legsSchema } from '../core/contract/legs.ts'
import { seriesSchema } from '../core/contract/series.ts'
import { eventually } from '../core/testing/eventually.ts'
import { PATIENCE_MS, untilLegsFlow } from './fixture.ts'
import { API_ADDRESS, type Running, readHealth, readJson, startOptrade, temporaryFolder } from './product.ts'

/** A Wednesday that is recorded, the Friday on which it is old enough, and the Monday after that. */
const ARCHIVED = '2026-11-25'
const FRIDAY = '2026-11-27'
const MONDAY = '2026-11-30'
const STRETCH = `from=${ARCHIVED}T09:15&to=${ARCHIVED}T15:40`

const manifestSchema = z.object({
  date: z.literal(ARCHIVED),
  legs: z.number(),
  files: z.array(z.object({ name: z.string(), from: z.string().nullable(), bytes: z.number(), sha256: z.string() })),
})

const folder = temporaryFolder()
const dataRoot = join(folder.path, 'data/sim')
const archive = join(dataRoot, 'archive/2026/11', ARCHIVED)
const keyPath = join(folder.path, 'data.key')
let product: Running
let address = ''

async function run(date: string): Promise<void> {
  const settings = { SIM_AT: `${date}T10:00`, SIM_SPEED: '20', INDICES: 'NIFTY,SENSEX', ARCHIVAL_AFTER_DAYS: '1' }
  product = startOptrade(['run'], folder.path, settings)
  address = await product.waitFor(API_ADDRESS)
}

async function command(...args: readonly string[]) {
  const running = startOptrade(args, folder.path)
  running.child.stdin?.end('a sentence that only this test knows\n')
  return { status: await running.ended, text: running.output() }
}

/** What HTTP says of the day, whole. */
async function answers(index: string) {
  const series = `metric=spot,pcr_oi,max_pain,straddle,gex&${STRETCH}`
  // First and alone: nothing else has opened the day yet.
  const named = await readJson(`${address}/legs/${index}?limit=100&bucket=this_week&${STRETCH}`)
  const [legs, chain, points] = await Promise.all([
    readJson(`${address}/legs/${index}?limit=10000&${STRETCH}`),
    readJson(`${address}/option-chain/${index}?at=${ARCHIVED}T10:02`),
    readJson(`${address}/analytics/${index}/series?${series}`),
  ])
  return {
    ...{ named: legsSchema.parse(named), legs: legsSchema.parse(legs) },
    ...{ chain: optionChainSchema.parse(chain), series: seriesSchema.parse(points) },
  }
}
type Answers = Awaited<ReturnType<typeof answers>>

const bothAnswers = async () => [await answers('NIFTY'), await answers('SENSEX')]

async function exported() {
  const file = join(folder.path, 'legs.csv')
  const { status, text } = await command(
    ...['export', 'legs', '--index', 'NIFTY', '--bucket', 'this_week', '--out', file],
    ...['--from', `${ARCHIVED}T09:15`, '--to', `${ARCHIVED}T15:40`],
  )
  return { status, text, csv: status === 0 ? readFileSync(file, 'utf8') : null }
}

let before: readonly Answers[] = []
let csvBefore: string | null = null

beforeAll(async () => {
  // The thread that archives is the bundled one then; core/runtime/archive-thread.test.ts has the one of the sources.
  expect(buildBundles(process.execPath)).toBeNull()
  await run(ARCHIVED)
  await eventually(async () => {
    const [{ series }, { market }] = await Promise.all([answers('NIFTY'), readHealth(address)])
    expect(series.values.spot?.filter((spot) => spot !== null).length).toBeGreaterThan(5)
    expect(market.time > `${ARCHIVED}T10:04`).toBe(true)
  }, PATIENCE_MS)
  await untilLegsFlow(address, 500)
  expect(await product.stop()).toBe(0)
  await run(FRIDAY)
  await untilLegsFlow(address)
  before = await bothAnswers()
  csvBefore = (await exported()).csv
  expect(existsSync(archive)).toBe(false)
}, 180_000)

afterAll(async () => {
  await product?.stop('SIGKILL')
  folder.remove()
})

describe('an archived day, asked over HTTP', { timeout: 180_000 }, () => {
  it('has something to tell', () => {
    for (const { legs, chain, series } of before) {
      expect(legs.legs.length).toBeGreaterThan(50)
      expect(chain.rows.some(({ call }) => call !== null)).toBe(true)
      expect(series.values.spot?.some((spot) => spot !== null)).toBe(true)
    }
    expect(csvBefore?.split('\n').length).toBeGreaterThan(50)
  })

  it('answers as it did before it was archived, and its online files are gone', async () => {
    await eventually(async () => {
      const { archive: report, components } = await readHealth(address)
      expect([report.days, report.last?.date, components.archive?.state]).toEqual([1, ARCHIVED, 'running'])
    }, 2 * PATIENCE_MS)
    // Everything is read back and compared before it goes, the store last.
    const online = [join(dataRoot, 'legs', ARCHIVED), join(dataRoot, 'store', `${ARCHIVED}.db`)]
    await eventually(() => expect(online.filter((path) => existsSync(path))).toEqual([]), PATIENCE_MS)
    expect(await bothAnswers()).toEqual(before)
    expect((await exported()).csv).toBe(csvBefore)

    const { files } = manifestSchema.parse(JSON.parse(readFileSync(join(archive, 'manifest.json'), 'utf8')))
    expect(readdirSync(archive).sort()).toEqual([...files.map(({ name }) => name), 'manifest.json'].sort())
    for (const { name, bytes, sha256 } of files) {
      const content = readFileSync(join(archive, name))
      expect([name, content.length, createHash('sha256').update(content).digest('hex')]).toEqual([name, bytes, sha256])
    }
    const origins = files.flatMap(({ from }) => from ?? [])
    expect(origins).toContain(`store/${ARCHIVED}.db`)
    for (const ending of ['csv', 'jsonl'])
      expect(origins).toContain(`legs/${ARCHIVED}/NIFTY_this_week_${ARCHIVED}.${ending}`)
  })

  it('answers the same when its archive was encrypted, and says what is missing without the key', async () => {
    expect(await product.stop()).toBe(0)
    expect(await command('encryption', 'enable')).toMatchObject({ status: 0 })
    await run(MONDAY)
    const parquet = join(archive, `legs_${ARCHIVED}.parquet.enc`)
    await eventually(() => {
      const plain = readdirSync(archive).filter((name) => !name.endsWith('.enc'))
      expect(plain.sort()).toEqual([`${ARCHIVED}.closing.db`, 'manifest.json'])
    }, PATIENCE_MS)
    await untilLegsFlow(address)
    expect(await bothAnswers()).toEqual(before)
    expect((await exported()).csv).toBe(csvBefore)
    const out = join(folder.path, 'legs.parquet')
    expect(await command('encryption', 'decrypt', parquet, '--out', out)).toMatchObject({ status: 0 })
    expect(readFileSync(out).toString('latin1', 0, 4)).toBe('PAR1')

    expect(await product.stop()).toBe(0)
    renameSync(keyPath, `${keyPath}.away`)
    const { status, text } = await exported()
    expect([status, text]).toEqual([1, expect.stringContaining(`the encryption key is needed for ${archive}`)])
    expect(text).toContain('optrade encryption recover')
    await run(MONDAY)
    expect(await readJson(`${address}/legs/NIFTY?${STRETCH}`)).toMatchObject({ status: 503, code: 'data_locked' })
    renameSync(`${keyPath}.away`, keyPath)
    await eventually(async () => expect(await bothAnswers()).toEqual(before), PATIENCE_MS)
  })
})
