import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addDays, DAY_MS, istInstant } from '../domain/ist.ts'
import { ARCHIVED, type ArchiveRig, createArchiveRig, NEWEST } from '../testing/archive-rig.ts'
import { eventually } from '../testing/eventually.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { removeArchived } from './archive-day.ts'
import { createClockGuard } from './clock-guard.ts'
import type { DayStores } from './day-store.ts'
import { createKeeping } from './keeping.ts'
import { deleteOld } from './retention.ts'

let rig: ArchiveRig
let days: DayStores
beforeEach(async () => {
  rig = await createArchiveRig()
  days = await rig.open()
})
afterEach(async () => {
  await days.stop()
  rig.dispose()
})

const at = (...path: string[]) => join(rig.root, ...path)
/** So many more days, each a store and text files, before the rig's. */
const addOlder = (count: number) => {
  const dates = Array.from({ length: count }, (_, k) => addDays(ARCHIVED, k - count))
  for (const date of dates) {
    writeFileSync(at('store', `${date}.db`), 'a day')
    mkdirSync(at('legs', date))
    mkdirSync(at('reference', date), { recursive: true })
  }
  return dates
}
const run = (keptDays: number, now = istInstant(NEWEST, '12:00')) =>
  deleteOld({ clock: { now: () => now }, logger: silentLogger, days }, { root: rig.root, keptDays })

describe('deleting what is older than it is kept', () => {
  it('takes a fifth of the days a run, oldest first, and deletes them for good with the next', async () => {
    const dates = addOlder(18)
    expect(await run(5)).toEqual({ dates: dates.slice(0, 4), left: 10 })
    expect(readdirSync(at('deleted'))).toEqual(dates.slice(0, 4))
    expect(readdirSync(at('deleted', dates[0] ?? '')).sort()).toEqual(['legs', 'reference', 'store.db'])
    expect(days.days()).not.toContain(dates[3])
    expect(await run(5)).toEqual({ dates: dates.slice(4, 7), left: 7 })
    expect(readdirSync(at('deleted'))).toEqual(dates.slice(4, 7))
  })

  it('takes an archived day with its archive, and at least one day', async () => {
    await rig.archive()
    days.archive.add(ARCHIVED)
    await removeArchived(rig.root, ARCHIVED, null)
    expect(days.days()).toEqual([ARCHIVED, NEWEST])
    expect(await run(0)).toEqual({ dates: [ARCHIVED], left: 0 })
    expect(days.days()).toEqual([NEWEST])
    expect(existsSync(at('deleted', ARCHIVED, 'archive', 'manifest.json'))).toBe(true)
    expect(days.closed.has(ARCHIVED)).toBe(true)
  })

  it('counts from the newest recorded day: a clock a year ahead makes nothing older', async () => {
    addOlder(3)
    expect(await run(30, istInstant(NEWEST) + 365 * DAY_MS)).toEqual({ dates: [], left: 0 })
  })

  it('counts from the clock where that is earlier: simulated days ahead of it are not a measure', async () => {
    addOlder(3)
    expect(await run(1, istInstant(NEWEST) - 365 * DAY_MS)).toEqual({ dates: [], left: 0 })
  })

  it('waits for a day that is being read', async () => {
    days.legsOfDay(ARCHIVED, { limit: 1 })
    expect(await run(0)).toEqual({ dates: [], left: 1 })
  })

  it('does nothing when a folder cannot be listed', async () => {
    addOlder(18)
    rmSync(at('legs'), { recursive: true })
    writeFileSync(at('legs'), 'no folder')
    await expect(run(5)).rejects.toMatchObject({ code: 'file_unreadable' })
    expect(existsSync(at('deleted'))).toBe(false)
  })

  it('keeps records of deleted days from coming back, also when the whole journal is read again', async () => {
    await run(0)
    await days.stop()
    days = await rig.open()
    expect(days.position()).not.toBeNull()
    expect(days.kept()).toEqual([NEWEST])
  })
})

describe('the clock', () => {
  const guardFor = (skew: number | null) =>
    createClockGuard({ clock: rig.clock, cursors: rig.cursors, exchangeSkewMs: () => skew })
  const past = { recordTs: null, archivedAt: null }
  const HOUR = 3_600_000

  it('is trusted while it goes as the monotonic one does', () => {
    const guard = guardFor(0)
    expect(guard.doubt(past)).toBeNull()
    const later = guardFor(null)
    rig.clock.advance(25 * HOUR)
    expect(later.doubt(past)).toBeNull()
    rig.clock.advance(400 * HOUR)
    expect(later.doubt(past)).toBeNull()
  })

  it.each([365, -365])('is not trusted after a jump of %i days', (jump) => {
    const guard = guardFor(null)
    expect(guard.doubt(past)).toMatchObject({ wrong: false })
    expect(guardFor(0).doubt(past)).toBeNull()
    rig.clock.jump(rig.clock.wallNow() + jump * DAY_MS)
    expect(guard.doubt(past)).toMatchObject({ wrong: jump < 0 })
    rig.clock.jump(rig.clock.wallNow() - jump * DAY_MS)
    expect(guard.doubt(past)).toBeNull()
  })

  it('is not trusted more than 26 hours after it was seen last, until the exchange confirms it', () => {
    expect(guardFor(0).doubt(past)).toBeNull()
    rig.clock.advance(27 * HOUR)
    expect(guardFor(null).doubt(past)).toMatchObject({ wrong: false })
    expect(guardFor(2 * HOUR).doubt(past)).toMatchObject({ wrong: false })
    expect(guardFor(1500).doubt(past)).toBeNull()
  })

  it('is wrong before the newest record and the newest manifest', () => {
    const now = rig.clock.wallNow()
    expect(guardFor(0).doubt({ ...past, recordTs: now + 1 })).toMatchObject({ wrong: true })
    expect(guardFor(0).doubt({ ...past, archivedAt: now + 1 })).toMatchObject({ wrong: true })
  })
})

describe('the daily run', () => {
  const rigged = async (keptDays: number | null, skew: number | null = 0) => {
    const pruned: number[] = []
    const deps = { clock: rig.clock, logger: silentLogger, cursors: rig.cursors, days, caughtUp: () => true }
    const keeping = createKeeping(
      {
        ...deps,
        guard: createClockGuard({ ...deps, exchangeSkewMs: () => skew }),
        lastTs: () => istInstant(NEWEST),
        pruneJournal: async (untilTs) => {
          pruned.push(untilTs)
          return { segments: 0, bytes: 0 }
        },
      },
      { root: rig.root, keptDays, journalKeptMs: 7 * DAY_MS },
    )
    await keeping.start()
    return { keeping, pruned }
  }
  const MINUTES = 10 * 60_000

  it('keeps the journal of every day that is not archived, and of one that was so within a week', async () => {
    const { keeping, pruned } = await rigged(null)
    rig.clock.advance(MINUTES)
    await eventually(() => expect(pruned).toEqual([istInstant(ARCHIVED) - 1]))
    await rig.archive()
    days.archive.add(ARCHIVED)
    rig.clock.jump(rig.clock.wallNow() + 6 * DAY_MS)
    await eventually(() => {
      rig.clock.advance(MINUTES)
      expect(pruned).toEqual([istInstant(ARCHIVED) - 1, istInstant(ARCHIVED) - 1])
    })
    rig.clock.jump(rig.clock.wallNow() + 2 * DAY_MS)
    await eventually(() => {
      rig.clock.advance(MINUTES)
      expect(pruned.at(-1)).toBe(istInstant(NEWEST) - 1)
    })
    await keeping.stop()
  })

  it('deletes nothing by a clock in doubt, and says so', async () => {
    const { keeping, pruned } = await rigged(0, null)
    rig.clock.advance(MINUTES)
    await eventually(() => expect(keeping.status()).toMatchObject({ state: 'running', detail: expect.any(String) }))
    rig.clock.jump(istInstant(NEWEST) - 1)
    rig.clock.advance(MINUTES - 1)
    rig.clock.jump(istInstant(NEWEST) - 1)
    rig.clock.advance(MINUTES)
    await eventually(() => expect(days.days()).toEqual([ARCHIVED, NEWEST]))
    expect(pruned).toEqual([])
    await keeping.stop()
  })

  it('is degraded, and deletes nothing, when a folder cannot be listed', async () => {
    const { keeping } = await rigged(0)
    rmSync(at('legs'), { recursive: true })
    writeFileSync(at('legs'), 'no folder')
    rig.clock.advance(MINUTES)
    await eventually(() => expect(keeping.status()).toMatchObject({ state: 'degraded', issue: 'retention_failed' }))
    expect(existsSync(at('store', `${ARCHIVED}.db`))).toBe(true)
    await keeping.stop()
  })
})
