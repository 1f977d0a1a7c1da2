import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { packFile } from '../../files/packed-file.ts'
import { nodeDisk } from '../../journal/disk.ts'
import { parseJson } from '../../journal/entry-codec.ts'
import { packSegment } from '../../journal/pack.ts'
import { eventually } from '../eventually.ts'
import { archiveClass, archiveDayIn, hasOtherSizes } from './archive-flips.ts'
import { type FlipClass, type FlipOutcome, flipClasses, storeClass } from './flip-classes.ts'
import { type Finding, NOTHING_WRONG, type ProofContext, type ProofOutcome, plantedIn } from './proof.ts'
import { startRecorder, type Wanted } from './recorder-process.ts'

type Counts = Record<FlipOutcome, number>

function flipBit(bytes: Uint8Array): Uint8Array {
  const flipped = Uint8Array.from(bytes)
  const bit = Math.floor(Math.random() * bytes.length * 8)
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return flipped
}

async function flipOften({ signal }: ProofContext, target: FlipClass, times: number): Promise<Counts> {
  const counts: Counts = { detected: 0, harmless: 0, healed: 0, silent: 0 }
  const sound = target.files
    .map((path) => ({ path, bytes: readFileSync(path) }))
    .filter(({ bytes }) => bytes.length > 0)
  if (sound.length === 0) throw new Error(`there is no file of the class ${target.name}`)
  for (let done = 0; done < times; done += 1) {
    signal.throwIfAborted()
    const one = sound[Math.floor(Math.random() * sound.length)]
    if (one === undefined) break
    writeFileSync(one.path, flipBit(one.bytes))
    counts[await target.judge(one.path)] += 1
    writeFileSync(one.path, one.bytes)
  }
  return counts
}

function findingOf({ name }: FlipClass, counts: Counts): Finding {
  const { detected, harmless, healed, silent } = counts
  const total = detected + harmless + healed + silent
  return {
    what: `${total} flips in ${name}: ${detected} detected, ${harmless} changed nothing, ${healed} made good from the journal`,
    verdict: { ...NOTHING_WRONG, unexpected: silent },
    wrong: silent > 0 ? [`not detected: ${silent}`] : [],
  }
}

function rowOf({ name, check, files }: FlipClass, { detected, harmless, healed, silent }: Counts): string {
  return `| ${name} | ${check} | ${files.length} | ${detected} | ${harmless} | ${healed} | ${silent} |`
}

const TABLE = `| class | noticed by | files | detected | changed nothing | made good from the journal | not detected |
|---|---|---|---|---|---|---|`

/** A reader that takes whatever is JSON: what the checksums are for. */
function trustingReader(target: FlipClass): FlipClass {
  const bodies = (path: string) =>
    readFileSync(path, 'latin1')
      .split('\n')
      .map((line) => line.slice(line.indexOf(' ') + 10))
  const sound = new Map(target.files.map((path) => [path, bodies(path).join('\n')]))
  return {
    ...target,
    async judge(path) {
      const now = bodies(path)
      if (now.some((body) => body !== '' && parseJson(Buffer.from(body, 'latin1')) === null)) return 'detected'
      return now.join('\n') === sound.get(path) ? 'harmless' : 'silent'
    },
  }
}

/** SQLite's own check alone. */
function integrityOnly(path: string): boolean {
  try {
    const database = new Sqlite(path, { readonly: true })
    const found: unknown = database.prepare('PRAGMA integrity_check').pluck().get()
    database.close()
    return found !== 'ok'
  } catch {
    // It cannot even be opened: noticed.
    return true
  }
}

/** Half of what is finished and still plain, so that there is some of both. */
async function compressSome({ signal }: ProofContext, folder: string): Promise<void> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  for (const name of names.filter((path) => path.endsWith('.log')).slice(0, -1))
    await packSegment(nodeDisk, join(folder, name), 6, signal)
  const days = [...new Set(names.flatMap((path) => /^legs[\\/](\d{4}-\d{2}-\d{2})/.exec(path)?.[1] ?? []))]
  const isOld = (path: string) => days.slice(0, days.length >> 1).some((day) => path.includes(day))
  for (const name of names.filter((path) => /\.(csv|jsonl)$/.test(path) && isOld(path)))
    await packFile(join(folder, name), 6, signal)
}

async function record(context: ProofContext, folder: string): Promise<{ clean: string; killed: string }> {
  const clean = join(folder, 'clean')
  const killed = join(folder, 'killed')
  const common = { stepMs: 86_400_000 / 300, segmentBytes: 100_000 } satisfies Partial<Wanted>
  const first = startRecorder({ ...common, folder: clean, count: 800 })
  if ((await first.ended) !== 0) throw new Error(`the recorder of the proof failed: ${first.errors()}`)
  await compressSome(context, clean)
  // One that is killed before its first checkpoint and seal.
  const second = startRecorder({ ...common, folder: killed, hurry: 1, segmentBytes: 10_000_000, stepMs: 1000 })
  context.atEnd(() => void second.child.kill('SIGKILL'))
  await second.ready()
  await eventually(() => {
    if (second.durable < 200) throw new Error(`too little becomes durable: ${second.errors().slice(0, 300)}`)
  }, 60_000)
  await second.end('SIGKILL')
  return { clean, killed }
}

/** One bit flipped, over every class of artefact that a record consists of. */
export async function proveBitFlips(context: ProofContext): Promise<ProofOutcome> {
  const folder = context.folder()
  const { clean, killed } = await record(context, folder)
  const archived = await archiveDayIn(join(folder, 'archived'), false, context.signal)
  const encrypted = await archiveDayIn(join(folder, 'encrypted'), true, context.signal)
  const classes = [
    ...(await flipClasses(clean, killed, join(folder, 'scratch'))),
    archiveClass('archived day', archived, archived.isDamaged),
    archiveClass('archived day, encrypted', encrypted, encrypted.isDamaged),
  ]
  const times = context.times(200, 12)
  const findings: Finding[] = []
  const rows: string[] = []
  for (const one of classes) {
    const counts = await flipOften(context, one, times)
    findings.push(findingOf(one, counts))
    rows.push(rowOf(one, counts))
    context.say(findings.at(-1)?.what ?? '')
  }
  const [sealed] = classes
  if (sealed === undefined) throw new Error('there are no classes')
  const trusting = trustingReader(sealed)
  const naive = storeClass(clean, integrityOnly)
  const glance = archiveClass('archived day', archived, () => hasOtherSizes(archived))
  const few = context.times(60, 30)
  return {
    findings,
    planted: [
      plantedIn('checksums of the journal are ignored', findingOf(trusting, await flipOften(context, trusting, few))),
      plantedIn('only SQLite’s own check is asked', findingOf(naive, await flipOften(context, naive, few))),
      plantedIn(
        'files of the archive are known by their sizes',
        findingOf(glance, await flipOften(context, glance, few)),
      ),
    ],
    table: [TABLE, ...rows].join('\n'),
    remarks: [
      'SQLite’s own check passes most flips in its files, as the planted fault shows.',
      'A flip that changed nothing met bytes that mean nothing: free space of a page, the time in a gzip header.',
    ],
  }
}
