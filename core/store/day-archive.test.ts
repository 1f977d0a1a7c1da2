import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDayArchive, type DayArchive, type UnpackArchived } from './day-archive.ts'

const DAYS = ['2026-11-23', '2026-11-24'] as const

interface Call {
  readonly date: string
  readonly end: (fault?: Error) => void
}

let root: string
let calls: Call[]
let archive: DayArchive
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'unpacked-'))
  calls = []
  archive = createDayArchive({ root, unpackDay: unpackWhenTold, maxBytes: 10 })
})
afterEach(() => {
  archive.close()
  rmSync(root, { recursive: true })
})

/** Six bytes for each day, when the test says so; aborted, it fails. */
const unpackWhenTold: UnpackArchived = (date, to, signal) =>
  new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
    const end = (fault?: Error) => {
      writeFileSync(to, 'a day.')
      writeFileSync(`${to}.left`, 'what a thread that was ended leaves')
      if (fault === undefined) resolve()
      else reject(fault)
    }
    calls.push({ date, end })
  })

const begun = () => calls.map(({ date }) => date)
/** What can go on by itself has done so. */
const settled = () => setImmediate()
const inCache = () => readdirSync(join(root, 'cache', String(process.pid))).sort()

describe('archived days that are unpacked', () => {
  it('are so one at a time, each once for all who wait for it', async () => {
    const first = [archive.unpack(DAYS[0]), archive.unpack(DAYS[0])]
    const second = archive.unpack(DAYS[1])
    await settled()
    expect(begun()).toEqual([DAYS[0]])
    calls[0]?.end()
    await Promise.all(first)
    await settled()
    expect(begun()).toEqual([DAYS[0], DAYS[1]])
    expect([archive.whole(DAYS[0]) === null, archive.whole(DAYS[1])]).toEqual([false, null])
    calls[1]?.end()
    await second
    // Together they are more than may be held.
    expect(archive.whole(DAYS[0])).toBeNull()
    expect(inCache()).toEqual([`${DAYS[1]}.db`])
  })

  it('leave nothing when they cannot be, and do not hold up the next', async () => {
    const failing = archive.unpack(DAYS[0])
    const next = archive.unpack(DAYS[1])
    await settled()
    calls[0]?.end(new Error('it is damaged'))
    await expect(failing).rejects.toThrow('it is damaged')
    await settled()
    calls[1]?.end()
    await next
    expect([archive.whole(DAYS[0]), inCache()]).toEqual([null, [`${DAYS[1]}.db`]])
  })

  it('are let go when the archive closes', async () => {
    const ends = Promise.allSettled([archive.unpack(DAYS[0]), archive.unpack(DAYS[1])])
    await settled()
    archive.close()
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(begun()).toEqual([DAYS[0]])
    expect(existsSync(join(root, 'cache', String(process.pid)))).toBe(false)
  })
})
