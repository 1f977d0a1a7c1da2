import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import Sqlite from 'better-sqlite3'
import type { AlertRuleFields } from '../../contract/alerts.ts'
import { createRecordComposer } from '../../contract/leg-record.ts'
import { createLegDigest } from '../../files/leg-csv.ts'
import { createReferenceArchive } from '../../files/reference-archive.ts'
import { type BatchDigests, verifyLegFile } from '../../files/verify-legs.ts'
import { readSeal } from '../../journal/seal.ts'
import { OpError } from '../../kernel/errors.ts'
import { parseInstruments } from '../../kite/instruments-csv.ts'
import { createDayStores } from '../../store/day-store.ts'
import { createMetaStore } from '../../store/meta-store.ts'
import { batchDigestsIn, verifyDay } from '../../store/verify-day.ts'
import { verifyMeta } from '../../store/verify-meta.ts'
import { anAlert } from '../alert-store-suite.ts'
import { createFakeClock } from '../fake-clock.ts'
import { createMemoryCursors } from '../memory-cursors.ts'
import { silentLogger } from '../silent-logger.ts'
import { readJournal } from './compare-record.ts'

/** What a flipped bit came to. `healed`: gone from the file, and brought again from the journal. */
export type FlipOutcome = 'detected' | 'harmless' | 'healed' | 'silent'

export interface FlipClass {
  readonly name: string
  /** Who notices. */
  readonly check: string
  readonly files: readonly string[]
  /** Looks at the artefact as it is now, damaged. */
  judge(path: string): Promise<FlipOutcome>
}

const below = (folder: string, pattern: RegExp): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => pattern.test(name))
    .map((name) => join(folder, name))
    .sort()

/** The journal whole: every segment, read as consumers read it. */
async function journalClass(name: string, folder: string, files: readonly string[]): Promise<FlipClass> {
  const hashOf = async () => {
    const { records, damage } = await readJournal(folder)
    return { hash: createHash('sha256').update(JSON.stringify(records)).digest('hex'), damaged: damage.length > 0 }
  }
  const sound = await hashOf()
  if (sound.damaged) throw new Error(`${name}: damaged from the beginning`)
  return {
    name,
    check: 'checksum of each line, chained; of each compressed part',
    files,
    async judge() {
      const now = await hashOf()
      if (now.damaged) return 'detected'
      return now.hash === sound.hash ? 'harmless' : 'silent'
    },
  }
}

function sealClass(folder: string): FlipClass {
  return {
    name: 'seal of a segment',
    check: 'its own checksum',
    files: below(folder, /\.seal$/),
    judge: async (path) => ((await readSeal(path.replace(/\.seal$/, '.log'))) === null ? 'detected' : 'silent'),
  }
}

/** Every row of every table, as a hash; null when SQLite cannot read them. */
function contentOf(path: string): string | null {
  let database: Sqlite.Database | null = null
  try {
    database = new Sqlite(path, { readonly: true })
    const tables: unknown[] = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all()
    const hash = createHash('sha256')
    for (const table of tables.map(String).sort()) {
      // How often a file was synced says nothing about what is in it.
      const columns = table === 'position' ? 'epoch, seq, nth, crc' : '*'
      for (const row of database.prepare(`SELECT ${columns} FROM "${table}"`).raw().iterate())
        hash.update(JSON.stringify(row))
    }
    return hash.digest('hex')
  } catch {
    // Unreadable is an answer here.
    return null
  } finally {
    database?.close()
  }
}

/** What the verification of a day says: faults found or not. */
export type VerifyStore = (path: string) => boolean

/** Faults found, or a file that cannot be opened. */
function isRefused(verify: () => boolean): boolean {
  try {
    return verify()
  } catch (fault) {
    if (fault instanceof OpError) return true
    throw fault
  }
}

const byDigests: VerifyStore = (path) => isRefused(() => verifyDay(path, createLegDigest()).faults.length > 0)

export function storeClass(folder: string, verify: VerifyStore): FlipClass {
  const files = below(join(folder, 'store'), /\d{4}-\d{2}-\d{2}\.db$/)
  const sound = new Map(files.map((path) => [path, contentOf(path)]))
  return {
    name: 'day store',
    check: 'digest of every batch, checksum of every other row, schema, and SQLite’s own check',
    files,
    async judge(path) {
      if (verify(path)) return 'detected'
      return contentOf(path) === sound.get(path) ? 'harmless' : 'silent'
    },
  }
}

/** A log loses what stands behind its damage, and the position with it: the journal brings it again. */
async function logClass(folder: string, scratch: string): Promise<FlipClass> {
  const store = join(folder, 'store')
  const { records } = await readJournal(join(folder, 'journal'))
  const composer = createRecordComposer()
  const reopened = async () => {
    rmSync(scratch, { recursive: true, force: true })
    mkdirSync(join(scratch, 'store'), { recursive: true })
    for (const path of below(store, /\d{4}-\d{2}-\d{2}\.db(?:-wal)?$/))
      await cp(path, join(scratch, 'store', basename(path)))
    const deps = {
      clock: createFakeClock(0),
      logger: silentLogger,
      cursors: createMemoryCursors(),
      durable: () => null,
    }
    const days = createDayStores({ ...deps, ...composer, digestOf: createLegDigest() }, { folder: scratch })
    await days.start()
    const at = days.position()
    const index = records.findIndex(({ position }) => position.seq === at?.seq && position.crc === at.crc)
    await days.apply(records.slice(index + 1))
    await days.stop()
    const content = below(join(scratch, 'store'), /\.db$/).map(contentOf)
    return { at: index, content: content.join() }
  }
  const sound = await reopened()
  return {
    name: 'log of a day store (`-wal`)',
    check: 'its position; what is missing comes again from the journal',
    files: below(store, /\d{4}-\d{2}-\d{2}\.db-wal$/),
    async judge() {
      const now = await reopened().catch((fault: unknown) => {
        if (fault instanceof OpError) return null
        throw fault
      })
      if (now === null) return 'detected'
      if (now.content !== sound.content) return 'silent'
      return now.at < sound.at ? 'healed' : 'harmless'
    },
  }
}

const RULE: AlertRuleFields = {
  name: 'Spot above',
  enabled: true,
  target: { kind: 'chain', index: 'NIFTY', bucket: 'this_week', metric: 'spot', condition: { op: 'above', value: 1 } },
  channels: ['toast'],
  cooldown_s: 300,
}

/** Cursors are there already; rules and what they raised are what cannot be made again. */
async function fillMeta(folder: string): Promise<void> {
  const store = createMetaStore({ folder })
  await store.start()
  for (let at = 0; at < 40; at += 1)
    store.alerts.saveRule({ id: `rule-${at}`, fields: RULE, state: { active: at % 2 === 0, firedAt: at * 1000 } })
  for (let at = 0; at < 100; at += 1) store.alerts.record({ states: [], alerts: [anAlert(`alert-${at}`)] })
  await store.stop()
}

async function metaClass(folder: string): Promise<FlipClass> {
  await fillMeta(folder)
  const path = join(folder, 'store', 'meta.db')
  const sound = contentOf(path)
  return {
    name: '`meta.db`',
    check: 'checksum of every row, schema, and SQLite’s own check',
    files: [path],
    async judge() {
      if (isRefused(() => verifyMeta(path).length > 0)) return 'detected'
      return contentOf(path) === sound ? 'harmless' : 'silent'
    },
  }
}

/** Digests of the batches that the file of an index and bucket must hold. */
function digestsFor(folder: string, path: string): BatchDigests {
  const [, index = '', bucket = '', date = ''] = /([A-Z]+)_(\w+)_(\d{4}-\d{2}-\d{2})\./.exec(basename(path)) ?? []
  return batchDigestsIn(join(folder, 'store', `${date}.db`), index, bucket)
}

function fileClass(folder: string, format: 'csv' | 'jsonl', packed: boolean): FlipClass {
  const files = below(join(folder, 'legs'), new RegExp(`\\.${format}${packed ? '\\.gz' : ''}$`))
  const plain = (path: string) => path.replace(/\.gz$/, '')
  const digests = new Map(files.map((path) => [path, digestsFor(folder, path)]))
  const sound = new Map(files.map((path) => [path, readFileSync(path)]))
  return {
    name: `${format === 'csv' ? 'CSV' : 'JSONL'}${packed ? ', compressed' : ''}`,
    check: `digest of every batch, from the day store${packed ? '; checksum of gzip' : ''}`,
    files,
    async judge(path) {
      const faults = await verifyLegFile(plain(path), format, digests.get(path) ?? new Map())
      if (faults.length > 0) return 'detected'
      const before = sound.get(path) ?? Buffer.alloc(0)
      const same = packed
        ? gunzipSync(readFileSync(path)).equals(gunzipSync(before))
        : readFileSync(path).equals(before)
      return same ? 'harmless' : 'silent'
    },
  }
}

const DUMP_DATE = '2026-11-23'

async function referenceClass(folder: string): Promise<FlipClass> {
  const parse = async (body: string) => (await parseInstruments(body, 'NFO'))?.instruments ?? null
  const archive = createReferenceArchive({ parse }, { folder, names: new Set(['NIFTY']) })
  const rows = Array.from({ length: 400 }, (_, at) => {
    const strike = 20_000 + Math.floor(at / 2) * 50
    const right = at % 2 === 0 ? 'CE' : 'PE'
    return `${1000 + at},${at},NIFTY26NOV${strike}${right},"NIFTY",0,2026-11-24,${strike},0.05,65,${right},NFO-OPT,NFO`
  })
  const head =
    'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange'
  const body = `${[head, ...rows].join('\n')}\n`
  const sha256 = createHash('sha256').update(body).digest('hex')
  await archive.keep(DUMP_DATE, { exchange: 'NFO', body, sha256, instruments: (await parse(body)) ?? [] })
  const sound = JSON.stringify(await archive.read(DUMP_DATE, 'NFO'))
  return {
    name: 'instruments dump',
    check: 'checksum of gzip',
    files: below(join(folder, 'reference'), /\.csv\.gz$/),
    async judge() {
      try {
        return JSON.stringify(await archive.read(DUMP_DATE, 'NFO')) === sound ? 'harmless' : 'silent'
      } catch (fault) {
        if (fault instanceof OpError) return 'detected'
        throw fault
      }
    },
  }
}

/** The journal as it was before its segments were compressed. */
async function unpacked(folder: string, scratch: string): Promise<string> {
  const journal = join(scratch, 'raw-journal')
  await cp(join(folder, 'journal'), journal, { recursive: true })
  for (const path of below(journal, /\.log\.gz$/)) {
    writeFileSync(path.slice(0, -'.gz'.length), gunzipSync(readFileSync(path)))
    rmSync(path)
  }
  return journal
}

/** Every class of artefact of a record that ended cleanly, and of one that was killed. */
export async function flipClasses(clean: string, killed: string, scratch: string): Promise<readonly FlipClass[]> {
  const raw = await unpacked(clean, scratch)
  const open = join(killed, 'journal')
  const newest = below(open, /\.log$/).filter((path) =>
    below(dirname(path), /\.seal$/).every((seal) => !seal.startsWith(path.slice(0, -4))),
  )
  return [
    await journalClass('sealed segment', raw, below(raw, /\.log$/)),
    await journalClass('segment that was being written', open, newest),
    await journalClass('compressed segment', join(clean, 'journal'), below(join(clean, 'journal'), /\.log\.gz$/)),
    sealClass(raw),
    fileClass(clean, 'csv', false),
    fileClass(clean, 'csv', true),
    fileClass(clean, 'jsonl', false),
    fileClass(clean, 'jsonl', true),
    storeClass(clean, byDigests),
    await logClass(killed, join(scratch, 'reopened')),
    await metaClass(clean),
    await referenceClass(scratch),
  ]
}
