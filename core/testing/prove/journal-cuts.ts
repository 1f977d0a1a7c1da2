import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { JournalEntry } from '../../domain/journal-entry.ts'
import { nodeDisk } from '../../journal/disk.ts'
import { createFileJournal } from '../../journal/file-journal.ts'
import { repairRecord } from '../../journal/repair.ts'
import { listSegments, sealPath } from '../../journal/segment-name.ts'
import { judgeQueue, type QueueVerdict } from '../journal-builders.ts'
import { realClock } from '../real-clock.ts'
import { silentLogger } from '../silent-logger.ts'
import { readJournal } from './compare-record.ts'
import { type EntryShape, entryAt, numberAt } from './numbered-entries.ts'
import { addVerdicts, type Finding, NOTHING_WRONG, type ProofContext, type ProofOutcome, plantedIn } from './proof.ts'
import { RECORDER_DEFAULTS } from './recorder-process.ts'

const SHAPE: EntryShape = { ...RECORDER_DEFAULTS, legs: 1, stepMs: 1000 }
const TAIL_BYTES = 64 * 1024
const NEWLINE = 0x0a

const openJournal = (folder: string, segmentBytes: number) =>
  createFileJournal({ clock: realClock, logger: silentLogger }, { folder, source: 'sim', segmentBytes })

/** Entries `from` to `to`, each in a commit of its own; `leave` sees the files before the journal is closed. */
async function write(folder: string, from: number, to: number, segmentBytes: number, leave = async () => {}) {
  const journal = openJournal(folder, segmentBytes)
  await journal.start()
  for (let n = from; n <= to; n += 1) {
    journal.append(entryAt(n, SHAPE))
    await journal.flush()
  }
  await leave()
  await journal.stop()
}

const range = (from: number, to: number) => new Set(Array.from({ length: to - from + 1 }, (_, at) => from + at))

const numbersOf = (entries: readonly JournalEntry[]) => entries.map(({ ts }) => numberAt(ts, SHAPE))

/** A memory disk where there is one: the cuts are many, and none of them is about the medium. */
const quickFolder = (context: ProofContext) => {
  if (!existsSync('/dev/shm')) return context.folder()
  const path = `/dev/shm/optrade-prove-${process.pid}-${Math.round(performance.now())}`
  mkdirSync(path)
  context.atEnd(() => rmSync(path, { recursive: true, force: true }))
  return path
}

interface Newest {
  readonly folder: string
  readonly path: string
  readonly bytes: Buffer
  /** Entries in the segments before it. */
  readonly before: number
  /** Offset behind the line of each of its entries. */
  readonly ends: readonly number[]
}

/** A sealed epoch, and behind it a segment that was being written. */
async function newestSegment(context: ProofContext): Promise<Newest> {
  const folder = join(quickFolder(context), 'journal')
  const before = 30
  await write(folder, 1, before, 10_000)
  let path = ''
  let bytes: Buffer = Buffer.alloc(0)
  await write(folder, before + 1, before + 150, 10_000_000, async () => {
    path = (await listSegments(folder, 2)).at(-1)?.path ?? ''
    bytes = readFileSync(path)
  })
  const ends: number[] = []
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) ends.push(at + 1)
  return { folder, path, bytes, before, ends: ends.slice(1) }
}

type Spoil = (bytes: Buffer) => Buffer

/** The segment ends after `cut` bytes: what is read then, and whether the rest was kept. */
async function cutAt(newest: Newest, cut: number, spoil: Spoil): Promise<{ verdict: QueueVerdict; wrong: string[] }> {
  const { folder, path, bytes, before, ends } = newest
  for (const name of readdirSync(join(folder, '2'))) rmSync(join(folder, '2', name))
  const left = bytes.subarray(0, cut)
  writeFileSync(path, spoil(left))
  await repairRecord({ disk: nodeDisk, logger: silentLogger, cipher: null }, folder)
  const { records, damage } = await readJournal(folder)
  const whole = before + ends.filter((end) => end <= cut).length
  const expected = range(1, whole)
  const verdict = judgeQueue(expected, expected, numbersOf(records.map(({ entry }) => entry)))
  const torn = left.subarray(left.lastIndexOf(NEWLINE) + 1)
  const kept = existsSync(`${path}.torn`) ? readFileSync(`${path}.torn`) : Buffer.alloc(0)
  const wrong = [...damage, ...(kept.equals(torn) ? [] : [`cut at ${cut}: the torn line was not kept`])]
  return { verdict, wrong }
}

async function cutEverywhere(context: ProofContext, step: number, spoil: Spoil = (bytes) => bytes): Promise<Finding> {
  const newest = await newestSegment(context)
  const first = Math.max(1, newest.bytes.length - TAIL_BYTES)
  let sum = NOTHING_WRONG
  let cuts = 0
  const wrong: string[] = []
  for (let cut = newest.bytes.length; cut >= first; cut -= step) {
    context.signal.throwIfAborted()
    const one = await cutAt(newest, cut, spoil)
    sum = addVerdicts([sum, one.verdict])
    if (wrong.length < 20) wrong.push(...one.wrong)
    cuts += 1
    if (cuts % 4096 === 0) context.say(`${cuts} cuts`)
  }
  const bytes = newest.bytes.length - first
  return { what: `the newest segment cut at ${cuts} places of its last ${bytes} bytes`, verdict: sum, wrong }
}

interface Pristine {
  readonly folder: string
  readonly entries: number
}

const DAMAGES: readonly ((bytes: Buffer, at: number) => Buffer)[] = [
  (bytes, at) => {
    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(Math.random() * 8))
    return bytes
  },
  (bytes, at) => bytes.fill(0, at, at + 512),
  (bytes, at) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 100)]),
]

/** Entries of a segment by its first line's number and how many lines it has; the header is line 0. */
function damageMiddle(path: string, round: number): { readonly line: number; readonly lines: number } {
  const bytes = readFileSync(path)
  const ends: number[] = []
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) ends.push(at + 1)
  const first = ends[0] ?? 0
  // Not in the last line, whose time says where the gap ends.
  const last = (ends.at(-2) ?? first) - 700
  const at = first + Math.floor(Math.random() * Math.max(1, last - first))
  const damage = DAMAGES[round % DAMAGES.length]
  if (damage !== undefined) writeFileSync(path, damage(bytes, at))
  return { line: ends.findIndex((end) => end > at), lines: ends.length - 1 }
}

/** Damages a segment in the middle of a copy, opens it as the product does, and compares. */
async function damageOnce(
  pristine: Pristine,
  work: string,
  round: number,
  sealed: boolean,
  after?: (folder: string, segments: readonly string[], at: number) => void,
) {
  rmSync(work, { recursive: true, force: true })
  await cp(pristine.folder, work, { recursive: true })
  const segments = (await listSegments(work, 1)).map(({ path }) => path)
  const at = 1 + Math.floor(Math.random() * (segments.length - 2))
  const path = segments[at] ?? ''
  const starts = segments.map((segment) => readFileSync(segment, 'latin1').split('\n').length - 2)
  const before = starts.slice(0, at).reduce((sum, count) => sum + count, 0)
  const { line, lines } = damageMiddle(path, round)
  if (!sealed) rmSync(sealPath(path))
  after?.(work, segments, at)
  const journal = openJournal(work, 1_000_000)
  await journal.start()
  await journal.flush()
  await journal.stop()
  const { records, damage } = await readJournal(work)
  const gaps = records.flatMap(({ entry }) => (entry.kind === 'gap' ? [entry] : []))
  const lastRead = before + line - 1
  const goneTo = before + lines
  const expected = new Set([...range(1, lastRead), ...range(goneTo + 1, pristine.entries)])
  const read = numbersOf(records.flatMap(({ entry }) => (entry.kind === 'gap' ? [] : [entry])))
  const wrong = damage.length === 0 ? ['the damage was not noticed'] : []
  const from = SHAPE.startMs + Math.max(lastRead, before + (line === 1 ? 1 : 0)) * SHAPE.stepMs
  const to = SHAPE.startMs + goneTo * SHAPE.stepMs
  // Where the first line of the segment is gone, its time is only guessed from the bytes.
  const slackMs = line === 1 ? SHAPE.stepMs : 0
  const exact = gaps.length === 1 && gaps[0]?.to === to && Math.abs((gaps[0]?.from ?? 0) - from) <= slackMs
  if (!sealed && !exact)
    wrong.push(
      `the gap should be ${from}–${to} and is ${gaps.map((gap) => `${gap.from}–${gap.to}`).join() || 'missing'}`,
    )
  return { verdict: judgeQueue(expected, expected, read), wrong }
}

async function damageOften(context: ProofContext, rounds: number, sealed: boolean, after?: typeof dropLater) {
  const base = quickFolder(context)
  const pristine = { folder: join(base, 'pristine'), entries: 120 }
  await write(pristine.folder, 1, pristine.entries, 10_000)
  const found = []
  for (let round = 0; round < rounds; round += 1) {
    context.signal.throwIfAborted()
    found.push(await damageOnce(pristine, join(base, 'work'), round, sealed, after))
  }
  const which = sealed ? 'finished segment' : 'segment without a seal'
  const promised = sealed ? 'later ones served, the damage told' : 'later ones served, one exact GAP record'
  return {
    what: `${rounds} × a ${which} damaged in the middle (bit, zeros, missing bytes): ${promised}`,
    verdict: addVerdicts(found.map(({ verdict }) => verdict)),
    wrong: found.flatMap(({ wrong }) => wrong),
  }
}

/** What a repair must not do: give up everything behind the damage. */
function dropLater(_folder: string, segments: readonly string[], at: number): void {
  for (const path of segments.slice(at + 1)) {
    rmSync(path)
    rmSync(sealPath(path), { force: true })
  }
}

/** A repair that cuts a whole line too much. */
const cutTooMuch: Spoil = (bytes) => {
  const end = bytes.lastIndexOf(NEWLINE)
  return bytes.subarray(0, bytes.lastIndexOf(NEWLINE, end - 1) + 1)
}

/** A torn end at every byte, and damage in the middle. */
export async function proveCuts(context: ProofContext): Promise<ProofOutcome> {
  const findings = [
    await cutEverywhere(context, context.times(1, 997)),
    await damageOften(context, context.times(300, 6), false),
    await damageOften(context, context.times(300, 6), true),
  ]
  return {
    findings,
    planted: [
      plantedIn('the repair cuts one whole line too much', await cutEverywhere(context, 997, cutTooMuch)),
      plantedIn('what follows the damage is given up', await damageOften(context, 6, false, dropLater)),
    ],
  }
}
