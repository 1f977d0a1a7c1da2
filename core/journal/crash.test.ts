import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import { collect, judgeQueue, numberOf } from '../testing/journal-builders.ts'
import { createJournalFolder, type JournalFolder } from '../testing/journal-files.ts'

const WRITER = fileURLToPath(new URL('../testing/journal-writer.ts', import.meta.url))

interface Writer {
  readonly child: ChildProcess
  /** Highest number that was about to be appended, and that was acknowledged. */
  sent: number
  durable: number
  ready: boolean
}

function startWriter(folder: string, first: number): Writer {
  const child = spawn(process.execPath, [WRITER, folder, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const writer: Writer = { child, sent: first - 1, durable: first - 1, ready: false }
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const [word, n] = line.split(' ')
      if (word === 'ready') writer.ready = true
      if (word === 'sent') writer.sent = Number(n)
      if (word === 'durable') writer.durable = Number(n)
    }
  })
  return writer
}

describe('a journal whose process is killed', () => {
  let folder: JournalFolder
  const writers: Writer[] = []
  beforeEach(async () => {
    folder = await createJournalFolder()
  })
  afterEach(async () => {
    for (const { child } of writers) child.kill('SIGKILL')
    await folder.dispose()
  })

  it('keeps everything acknowledged, once, through kill after kill', async () => {
    const kills = 8
    const sent = new Set<number>()
    const acknowledged = new Set<number>()
    let next = 1
    for (let round = 0; round < kills; round += 1) {
      const first = next
      const writer = startWriter(folder.path, first)
      writers.push(writer)
      // Somewhere else each time: while writing, rolling and sealing (a segment holds about a hundred records).
      const enough = first + 60 + round * 173
      await eventually(() => expect(writer.durable).toBeGreaterThan(enough))
      writer.child.kill('SIGKILL')
      await once(writer.child, 'close')
      for (let n = first; n <= writer.sent; n += 1) sent.add(n)
      for (let n = first; n <= writer.durable; n += 1) acknowledged.add(n)
      next = writer.sent + 1
    }
    const journal = await folder.open()
    expect(journal.epoch).toBe(kills + 1)
    const read = (await collect(journal.scan(null))).map(({ entry }) => numberOf(entry))
    const verdict = judgeQueue(sent, acknowledged, read)
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, unexpected: 0 })
    expect(acknowledged.size).toBeGreaterThan(kills * 60)
    expect(read).toEqual([...read].sort((a, b) => a - b))
  }, 120_000)

  it('has one writer; the lock goes with its process and names it', async () => {
    const writer = startWriter(folder.path, 1)
    writers.push(writer)
    await eventually(() => expect(writer.ready).toBe(true))
    await expect(folder.open()).rejects.toMatchObject({
      code: 'data_dir_taken',
      details: { path: folder.path, pid: String(writer.child.pid) },
    })
    writer.child.kill('SIGKILL')
    await once(writer.child, 'close')
    const journal = await folder.open()
    expect(journal.epoch).toBe(2)
    await expect(folder.open()).rejects.toMatchObject({ code: 'data_dir_taken' })
    await journal.stop()
    await (await folder.open()).stop()
  }, 60_000)
})
