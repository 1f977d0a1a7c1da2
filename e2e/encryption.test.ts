import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../core/testing/eventually.ts'
import { PATIENCE_MS, startForTest, testFolder, untilIssue, untilLegsFlow } from './fixture.ts'
import { API_ADDRESS, type Running } from './product.ts'

const PASSPHRASE = 'a sentence that only this test knows'
const outputs: string[] = []

function start(args: readonly string[], folder: string): Running {
  return startForTest(args, folder, { LOG_LEVEL: 'debug', DEBUG: 'true' }, onTestFinished)
}

/** What a command says, given the passphrase on standard input. */
async function encryption(args: readonly string[], folder: string, passphrase = PASSPHRASE) {
  const command = start(['encryption', ...args], folder)
  command.child.stdin?.end(`${passphrase}\n`)
  const status = await command.ended
  outputs.push(command.output())
  return { status, text: command.output() }
}

async function run(folder: string) {
  const product = start(['run'], folder)
  return { product, address: await product.waitFor(API_ADDRESS) }
}

const segments = (folder: string, epoch: number, ending: RegExp) => {
  const path = join(folder, 'data/sim/journal', String(epoch))
  return existsSync(path) ? readdirSync(path).filter((name) => ending.test(name)) : []
}

const untilEncrypted = (folder: string, epoch: number) =>
  eventually(() => {
    expect(segments(folder, epoch, /\.log\.gz\.enc$/)).not.toEqual([])
    expect(segments(folder, epoch, /\.log(\.gz)?$/)).toEqual([])
  }, PATIENCE_MS)

async function exported(folder: string): Promise<string> {
  const command = start(
    [
      'export',
      'legs',
      '--index',
      'NIFTY',
      '--from',
      '2026-11-25T09:15',
      '--to',
      '2026-11-25T10:01',
      '--out',
      'legs.csv',
    ],
    folder,
  )
  expect(await command.ended).toBe(0)
  return readFileSync(join(folder, 'legs.csv'), 'utf8')
}

describe('encryption at rest', () => {
  it('survives kills, a lost key and a record that is built again', { timeout: 300_000 }, async () => {
    const folder = testFolder()
    const keyPath = join(folder, 'data.key')
    const enabled = await encryption(['enable'], folder)
    expect(enabled).toMatchObject({ status: 0, text: expect.stringContaining('nobody can bring it back') })
    expect(statSync(keyPath).mode & 0o777).toBe(0o600)
    const secret = readFileSync(keyPath, 'utf8').trim().split(':')[1] ?? ''

    const first = await run(folder)
    await untilLegsFlow(first.address)
    await first.product.stop('SIGKILL')
    const second = await run(folder)
    await untilEncrypted(folder, 1)
    await untilLegsFlow(second.address)
    expect(await second.product.stop()).toBe(0)
    const legs = await exported(folder)
    expect(legs.split('\n').length).toBeGreaterThan(10)

    rmSync(keyPath)
    const third = await run(folder)
    const { components, record } = await untilIssue(third.address, 'data_locked')
    expect(components.encryption?.detail).toContain(
      `the key is not in the file ${keyPath}. Put the key back there, or run \`optrade encryption recover\``,
    )
    await eventually(async () => {
      const health = await untilIssue(third.address, 'data_locked')
      expect(health.record.durable_legs).toBeGreaterThan(record.durable_legs + 100)
      expect(Object.values(health.record.pending).every((count) => count < 20)).toBe(true)
    }, PATIENCE_MS)
    expect(await encryption(['recover'], folder, 'not the passphrase')).toMatchObject({ status: 1 })
    expect(await encryption(['recover'], folder)).toMatchObject({ status: 0 })
    await untilLegsFlow(third.address)
    expect(await third.product.stop()).toBe(0)

    for (const built of ['store', 'legs']) rmSync(join(folder, 'data/sim', built), { recursive: true })
    const fourth = await run(folder)
    for (const epoch of [2, 3]) await untilEncrypted(folder, epoch)
    await eventually(async () => {
      const { status, record } = await untilLegsFlow(fourth.address)
      expect([status, Object.values(record.pending).every((count) => count < 20)]).toEqual(['healthy', true])
    }, PATIENCE_MS)
    expect(await fourth.product.stop()).toBe(0)
    expect((await exported(folder)).startsWith(legs)).toBe(true)

    for (const { product } of [first, second, third, fourth]) outputs.push(product.output())
    const shown = start(['config', 'show'], folder)
    await shown.ended
    const said = [...outputs, shown.output()].join('\n')
    expect(said).toContain('encryption')
    for (const hidden of [secret, Buffer.from(secret, 'base64url').toString('hex'), PASSPHRASE])
      expect(said.includes(hidden)).toBe(false)
  })

  it('hands out what is in an encrypted file, and says what it is told wrongly', { timeout: 120_000 }, async () => {
    const folder = testFolder()
    expect(await encryption(['passphrase'], folder)).toMatchObject({
      status: 1,
      text: expect.stringContaining('encryption enable'),
    })
    expect(await encryption(['enable'], folder, 'short')).toMatchObject({ status: 2 })
    expect(await encryption(['enable'], folder)).toMatchObject({ status: 0 })
    const { product, address } = await run(folder)
    await untilLegsFlow(address)
    expect(await product.stop()).toBe(0)
    const again = await run(folder)
    await untilEncrypted(folder, 1)
    await again.product.stop()
    const [name = ''] = segments(folder, 1, /\.enc$/)
    const file = `data/sim/journal/1/${name}`
    expect(await encryption(['decrypt', file, '--out', 'segment.log.gz'], folder)).toMatchObject({ status: 0 })
    expect([...readFileSync(join(folder, 'segment.log.gz')).subarray(0, 2)]).toEqual([0x1f, 0x8b])
    expect(await encryption(['decrypt', 'data.key', '--out', 'x'], folder)).toMatchObject({ status: 2 })
    const status = await encryption(['status', '--json'], folder)
    expect(JSON.parse(status.text)).toMatchObject({ enabled: true, state: 'ready', detail: null })
  })
})
