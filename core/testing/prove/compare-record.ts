import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createRecordComposer } from '../../contract/leg-record.ts'
import { istDate } from '../../domain/ist.ts'
import type { Leg } from '../../domain/leg.ts'
import { createCsvFormat, createLegDigest } from '../../files/leg-csv.ts'
import { createJsonlFormat } from '../../files/leg-jsonl.ts'
import type { LineFormat } from '../../files/line-format.ts'
import { type ReadReport, readRecords } from '../../journal/record-reader.ts'
import { listEpochs, listSegments } from '../../journal/segment-name.ts'
import { type ReadableSegment, readableSegment } from '../../journal/segment-reader.ts'
import type { JournalRecord } from '../../ports/journal.ts'
import { dayPath, listDays } from '../../store/day-history.ts'
import { openDayReader } from '../../store/day-reader.ts'
import { verifyDay } from '../../store/verify-day.ts'
import { judgeQueue, type QueueVerdict } from '../journal-builders.ts'
import { readTree } from '../line-rig.ts'
import { type EntryShape, numberAt } from './numbered-entries.ts'
import { addVerdicts, type Finding } from './proof.ts'

export interface ReadJournal {
  readonly records: readonly JournalRecord[]
  /** Sentences about what could not be read. */
  readonly damage: readonly string[]
}

/** The whole record, read without opening the journal. */
export async function readJournal(folder: string): Promise<ReadJournal> {
  const segments: ReadableSegment[] = []
  for (const epoch of await listEpochs(folder))
    for (const segment of await listSegments(folder, epoch))
      segments.push(readableSegment({ ...segment, committed: null }, { cipher: null }))
  const damage: string[] = []
  const report: ReadReport = {
    damage: (path, { offset, reason }) => damage.push(`${path.slice(folder.length + 1)} at ${offset}: ${reason}`),
    unknown: (position) => damage.push(`an unknown record at ${position.epoch}-${position.seq}`),
  }
  const records: JournalRecord[] = []
  for await (const some of readRecords(segments, { position: null, place: null }, report))
    records.push(...some.map(({ record }) => record))
  return { records, damage }
}

const { legsOf } = createRecordComposer()

function legsOfRecord({ entry, position }: JournalRecord): readonly Leg[] {
  return entry.kind === 'batch' ? legsOf(entry, `${position.epoch}-${position.seq}`) : []
}

/** The files as a plain loop over the record writes them. */
function plainFiles(records: readonly JournalRecord[], format: LineFormat): Map<string, string> {
  const parts = new Map<string, string[]>()
  const header = Buffer.from(format.header).toString()
  for (const record of records) {
    const { entry } = record
    if (entry.kind !== 'batch') continue
    const date = istDate(entry.ts)
    const path = `/legs/${date}/${entry.index}_${entry.bucket}_${date}.${format.name}`
    const lines = parts.get(path) ?? [header]
    for (const leg of legsOfRecord(record)) lines.push(Buffer.from(format.encode(leg)).toString())
    parts.set(path, lines)
  }
  return new Map([...parts].map(([path, lines]) => [path, lines.join('')]))
}

function counted(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1)
  return counts
}

/** Lines that should be there against those that are, as multisets. */
export function judgeLines(expected: readonly string[], found: readonly string[]): QueueVerdict {
  const should = counted(expected)
  const is = counted(found)
  let lost = 0
  let duplicated = 0
  let unexpected = 0
  for (const [line, count] of should) lost += Math.max(0, count - (is.get(line) ?? 0))
  for (const [line, count] of is) {
    if (should.has(line)) duplicated += Math.max(0, count - (should.get(line) ?? 0))
    else unexpected += count
  }
  return { lost, duplicated, unexpected, recovered: 0 }
}

const linesOf = (path: string, text: string) => text.split('\n').map((line) => `${path} ${line}`)

interface Compared {
  readonly verdict: QueueVerdict
  readonly wrong: readonly string[]
}

function compareFiles(
  found: Readonly<Record<string, string>>,
  records: readonly JournalRecord[],
  format: LineFormat,
): Compared {
  const expected = plainFiles(records, format)
  const there = new Map<string, string>(
    Object.entries(found)
      .map(([path, text]) => [`/legs${path.replaceAll('\\', '/').replace(/\.gz$/, '')}`, text] as const)
      .filter(([path]) => path.endsWith(`.${format.name}`)),
  )
  const verdicts: QueueVerdict[] = []
  const wrong: string[] = []
  for (const path of new Set([...expected.keys(), ...there.keys()])) {
    const should = expected.get(path) ?? ''
    const is = there.get(path) ?? ''
    if (should === is) continue
    verdicts.push(judgeLines(linesOf(path, should), linesOf(path, is)))
    wrong.push(`${path} differs from what the journal gives`)
  }
  return { verdict: addVerdicts(verdicts), wrong }
}

/** The legs of the day store against those of the journal, and each day against its own digests. */
function compareStore(folder: string, records: readonly JournalRecord[]): Compared {
  const format = createCsvFormat()
  const lineOf = (leg: Leg) => Buffer.from(format.encode(leg)).toString()
  const expected = records.flatMap(legsOfRecord).map(lineOf)
  const found: string[] = []
  const wrong: string[] = []
  const store = join(folder, 'store')
  for (const date of listDays(store)) {
    const { faults } = verifyDay(dayPath(store, date), createLegDigest())
    wrong.push(...faults.map((fault) => `${date}: ${fault}`))
    const reader = openDayReader(dayPath(store, date))
    found.push(...reader.legs({ limit: 10_000_000 }).legs.map(lineOf))
    reader.close()
  }
  return { verdict: judgeLines(expected, found), wrong }
}

export interface Driven {
  readonly folder: string
  readonly shape: EntryShape
  readonly sent: ReadonlySet<number>
  readonly acknowledged: ReadonlySet<number>
}

/** Holds a folder that nobody writes against what was sent and acknowledged: one finding each for its four forms. */
export async function compareRecord(driven: Driven, what: string): Promise<Finding[]> {
  const { folder, shape, sent, acknowledged } = driven
  const { records, damage } = await readJournal(join(folder, 'journal'))
  const numbers = records.map(({ entry }) => numberAt(entry.ts, shape))
  const verdict = judgeQueue(sent, acknowledged, numbers)
  const ordered = numbers.every((n, at) => at === 0 || n > (numbers[at - 1] ?? 0))
  const wrong = [...damage, ...(ordered ? [] : ['records stand out of order'])]
  return [
    { what: `${what}; the journal: ${acknowledged.size} acknowledged, ${numbers.length} read`, verdict, wrong },
    ...(await compareProjections(folder, records)),
  ]
}

/** Day stores, CSV and JSONL of a folder against a plain loop over the record. */
export async function compareProjections(folder: string, records: readonly JournalRecord[]): Promise<Finding[]> {
  const tree = existsSync(join(folder, 'legs')) ? await readTree(join(folder, 'legs')) : {}
  const parts = [
    ['the day stores', compareStore(folder, records)],
    ['the CSV files', compareFiles(tree, records, createCsvFormat())],
    ['the JSONL files', compareFiles(tree, records, createJsonlFormat())],
  ] as const
  const legs = records.reduce((sum, { entry }) => sum + (entry.kind === 'batch' ? entry.rows.length : 0), 0)
  return parts.map(([name, found]) => ({ what: `${name}, ${legs} legs against the journal`, ...found }))
}
