import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createRecordComposer } from '../../contract/leg-record.ts'
import { createRelay } from '../../engine/relay.ts'
import { createLegDigest } from '../../files/leg-csv.ts'
import { createCsvProjection, createJsonlProjection } from '../../files/leg-projections.ts'
import { type Disk, nodeDisk } from '../../journal/disk.ts'
import { createFileJournal, type FileJournal } from '../../journal/file-journal.ts'
import { createSegmentPacker } from '../../journal/packer.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Component } from '../../kernel/lifecycle.ts'
import type { Cursors } from '../../ports/cursors.ts'
import type { Position } from '../../ports/journal.ts'
import type { Projection } from '../../ports/projection.ts'
import { createDayStores } from '../../store/day-store.ts'
import { createMetaStore } from '../../store/meta-store.ts'
import { realClock } from '../real-clock.ts'
import { createRecordedMetrics } from '../recorded-metrics.ts'
import { silentLogger } from '../silent-logger.ts'
import type { Plant, RecorderOptions } from './recorder-options.ts'

export interface RecorderParts {
  readonly journal: FileJournal
  /** Batches that consumers lack, all together; those that gave up are not counted. */
  pending(): number
  start(): Promise<void>
  /** As the product ends: consumers first get what is there. */
  stop(): Promise<void>
}

/** A clock whose timers come sooner. */
export function hurried(clock: Clock, hurry: number): Clock {
  return {
    ...clock,
    after: (ms, run) => clock.after(ms / hurry, run),
    every: (ms, run) => clock.every(Math.max(1, ms / hurry), run),
  }
}

function plantedDisk(plant: Plant | null): Disk {
  if (plant !== 'no_sync' && plant !== 'swallow') return nodeDisk
  const asIfSynced = async (sync: () => Promise<void>) => {
    if (plant === 'no_sync') return
    await sync().catch(() => {})
  }
  return {
    ...nodeDisk,
    async create(path) {
      const file = await nodeDisk.create(path)
      return { ...file, sync: () => asIfSynced(file.sync) }
    },
    syncFolder: (path) => asIfSynced(() => nodeDisk.syncFolder(path)),
  }
}

/** Cursors that keep the length of each file, but neither the position nor what stands in it. */
export function forgetful(cursors: Cursors): Cursors {
  const forget = (value: string) =>
    value
      .replace(/"position":\{[^}]*\}/, '"position":null')
      .replace(/\[(\d+),\d+,\d+,\d+\]/g, (_, bytes: string) => `[${bytes},0,0,0]`)
  return { ...cursors, save: (name, value) => cursors.save(name, forget(value)) }
}

export interface ProjectionsOptions {
  readonly folder: string
  readonly clock: Clock
  readonly cursors: Cursors
  /** Whether files of that day may be compressed. */
  readonly isOver: (date: string) => boolean
  /** The journal's; without it a day is past when the next one has begun. */
  readonly durable?: () => Position | null
}

/** Day store, CSV and JSONL of a record, with small buffers so that every limit is met. */
export function createProjections({
  folder,
  clock,
  cursors,
  isOver,
  durable = () => null,
}: ProjectionsOptions): readonly Projection[] {
  const composer = createRecordComposer()
  const deps = { clock, logger: silentLogger, cursors, legsOf: composer.legsOf }
  const options = { folder, source: 'sim', bufferBytes: 4096, finished: { level: 1, isOver } } as const
  return [
    createDayStores({ ...deps, durable, ...composer, digestOf: createLegDigest() }, { folder }),
    createCsvProjection(deps, options),
    createJsonlProjection(deps, options),
  ]
}

/** Everything that records, as the product puts it together, in one folder. */
export function createRecorderParts(options: RecorderOptions, isOver: (date: string) => boolean): RecorderParts {
  const { folder, plant, hurry, segmentBytes } = options
  mkdirSync(folder, { recursive: true })
  const clock = hurried(realClock, hurry)
  const journalFolder = join(folder, 'journal')
  const disk = plantedDisk(plant)
  const journal = createFileJournal(
    { clock: realClock, logger: silentLogger, disk },
    { folder: journalFolder, source: 'sim', commitIntervalMs: 4, segmentBytes, segmentMs: 60_000 / hurry, retryMs: 50 },
  )
  const meta = createMetaStore({ folder })
  const cursors = plant === 'no_dedupe' ? forgetful(meta.cursors) : meta.cursors
  const projections = createProjections({ folder, clock, cursors, isOver, durable: () => journal.durable() })
  const packer = createSegmentPacker({ clock, logger: silentLogger, disk }, { folder: journalFolder, level: 1 })
  const metrics = createRecordedMetrics()
  const relay = createRelay({ clock, logger: silentLogger, journal, metrics, random: Math.random }, projections)
  const inOrder: readonly Component[] = [meta, journal, ...projections, relay, packer]
  return {
    journal,
    pending: () =>
      Object.entries(relay.pending()).reduce(
        (sum, [name, count]) => sum + (relay.status(name).state === 'failed' ? 0 : count),
        0,
      ),
    async start() {
      for (const component of inOrder) await component.start()
    },
    async stop() {
      for (const component of inOrder.toReversed()) await component.stop()
    },
  }
}
