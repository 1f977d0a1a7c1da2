import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { istInstant } from '../domain/ist.ts'
import type { JournalRecord, Position } from '../ports/journal.ts'
import type { Projection } from '../ports/projection.ts'
import { eventually } from './eventually.ts'
import { buildRecords } from './leg-builder.ts'

/** One place on disk, and the projections that are opened on it one after the other. */
export interface ProjectionRig {
  /** A new, started projection over what is on disk. */
  open(): Promise<Projection>
  /** Lets time pass: what the projection does by its clock happens. */
  passTime(ms: number): void
  /** Leaves the open projection as a killed process would: nothing is flushed, the disk keeps what was written. */
  kill(): Promise<void>
  /** As `kill`, and what was not synced may be gone from the disk. */
  cutPower(): Promise<void>
  /** Deletes what the projection made, and its cursor. */
  wipe(): Promise<void>
  /** Everything that the projection made, in a form that can be compared. */
  content(): Promise<unknown>
  dispose(): Promise<void>
}

function samePosition(a: Position, b: Position): boolean {
  return a.epoch === b.epoch && a.seq === b.seq && a.crc === b.crc
}

/** What the relay would send: the records after the projection's position. Throws when it stands nowhere. */
function remaining(records: readonly JournalRecord[], projection: Projection): readonly JournalRecord[] {
  const position = projection.position()
  if (position === null) return records
  const at = records.findIndex((record) => samePosition(record.position, position))
  if (at === -1) throw new Error(`position ${JSON.stringify(position)} is not in the record`)
  return records.slice(at + 1)
}

async function applyInChunks(projection: Projection, records: readonly JournalRecord[], chunk: number) {
  for (let at = 0; at < records.length; at += chunk) await projection.apply(records.slice(at, at + chunk))
}

/** The content after one run without any disturbance. */
async function undisturbed(make: () => Promise<ProjectionRig>, records: readonly JournalRecord[]): Promise<unknown> {
  const rig = await make()
  try {
    const projection = await rig.open()
    await applyInChunks(projection, records, 100)
    await projection.stop()
    return await rig.content()
  } finally {
    await rig.dispose()
  }
}

type Disturbance = 'none' | 'flush' | 'time' | 'kill' | 'power' | 'stop'

interface Step {
  /** How many records are applied, in chunks of `chunk`, before the disturbance. */
  readonly apply: number
  readonly chunk: number
  readonly followedBy: Disturbance
}

const steps = fc.array(
  fc.record({
    apply: fc.integer({ min: 0, max: 60 }),
    chunk: fc.integer({ min: 1, max: 25 }),
    followedBy: fc.constantFrom<Disturbance>('none', 'flush', 'time', 'kill', 'power', 'stop'),
  }),
  { minLength: 1, maxLength: 12 },
)

async function disturb(rig: ProjectionRig, projection: Projection, how: Disturbance): Promise<Projection> {
  switch (how) {
    case 'none':
      return projection
    case 'flush':
      await projection.flush()
      return projection
    case 'time':
      rig.passTime(7000)
      return projection
    case 'kill':
      await rig.kill()
      return rig.open()
    case 'power':
      await rig.cutPower()
      return rig.open()
    case 'stop':
      await projection.stop()
      return rig.open()
  }
}

async function runSteps(rig: ProjectionRig, records: readonly JournalRecord[], plan: readonly Step[]) {
  let projection = await rig.open()
  let rest = remaining(records, projection)
  for (const step of plan) {
    await applyInChunks(projection, rest.slice(0, step.apply), step.chunk)
    rest = rest.slice(step.apply)
    const next = await disturb(rig, projection, step.followedBy)
    if (next !== projection) rest = remaining(records, next)
    projection = next
  }
  await applyInChunks(projection, rest, 50)
  await projection.stop()
}

/**
 * What every projection of the journal must do, whatever it is made of: effects exactly once, in order, across
 * kills, power cuts and restarts, and the same content from the same record. `make` gives an empty place on disk.
 */
export function describeProjection(name: string, make: () => Promise<ProjectionRig>): void {
  describe(`projection ${name}`, () => {
    let rig: ProjectionRig
    beforeEach(async () => {
      rig = await make()
    })
    afterEach(() => rig.dispose())

    /** Over midnight IST, with a second epoch: several files, several days. */
    const shape = { count: 200, startMs: istInstant('2026-11-23', '23:59:40'), epochEvery: 120 }
    const records = buildRecords({ seed: 7, ...shape })

    it('starts at nothing and applies everything', async () => {
      const empty = await rig.content()
      const projection = await rig.open()
      expect(projection.position()).toBeNull()
      await applyInChunks(projection, records, 30)
      await projection.flush()
      expect(await rig.content()).not.toEqual(empty)
      await projection.stop()
    })

    it('moves its position to the last record by a flush, and keeps it', async () => {
      const projection = await rig.open()
      await projection.apply(records.slice(0, 50))
      await projection.flush()
      expect(projection.position()).toEqual(records[49]?.position)
      await projection.apply(records.slice(50, 60))
      await rig.kill()
      const reopened = await rig.open()
      const position = reopened.position()
      const at = records.findIndex((record) => position !== null && samePosition(record.position, position))
      expect(at).toBeGreaterThanOrEqual(49)
      await reopened.stop()
    })

    it('moves its position by itself as time passes', async () => {
      const projection = await rig.open()
      await projection.apply(records.slice(0, 20))
      rig.passTime(20_000)
      await eventually(() => expect(projection.position()).toEqual(records[19]?.position))
      await projection.stop()
    })

    it('does not depend on how records are cut into calls', async () => {
      const expected = await undisturbed(make, records)
      const projection = await rig.open()
      await applyInChunks(projection, records, 1)
      await projection.stop()
      expect(await rig.content()).toEqual(expected)
    })

    it('has no further effect when records come again', async () => {
      const expected = await undisturbed(make, records)
      const projection = await rig.open()
      await projection.apply(records.slice(0, 150))
      await projection.apply(records.slice(90, 150))
      await projection.apply(records.slice(100))
      await projection.stop()
      expect(await rig.content()).toEqual(expected)
      const again = await rig.open()
      await again.apply(records)
      await again.stop()
      expect(await rig.content()).toEqual(expected)
    })

    it('is the same after a replay from nothing', async () => {
      const expected = await undisturbed(make, records)
      const first = await rig.open()
      await first.apply(records)
      await first.stop()
      await rig.wipe()
      const second = await rig.open()
      expect(second.position()).toBeNull()
      await applyInChunks(second, remaining(records, second), 33)
      await second.stop()
      expect(await rig.content()).toEqual(expected)
    })

    it('is the same after kills, power cuts, flushes and restarts at any moment', async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: 1000 }), steps, async (seed, plan) => {
          const disturbed = buildRecords({ seed, ...shape })
          const expected = await undisturbed(make, disturbed)
          const place = await make()
          try {
            await runSteps(place, disturbed, plan)
            expect(await place.content()).toEqual(expected)
          } finally {
            await place.dispose()
          }
        }),
        { numRuns: 25 },
      )
    })
  })
}
