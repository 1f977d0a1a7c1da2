import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { parse } from 'csv-parse/sync'
import { LEG_COLUMNS } from '../core/domain/leg.ts'
import { journalLines } from './journal-files.ts'

/** A leg as text by column, empty = missing: the form in which all sinks are compared. */
export type LegText = Readonly<Record<string, string>>

const NAMES = LEG_COLUMNS.map(({ name }) => name)
const PRICES = new Set<string>(LEG_COLUMNS.filter(({ kind }) => kind === 'price').map(({ name }) => name))

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort()
}

function textOf(name: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return ''
  return PRICES.has(name) ? Number(value).toFixed(2) : String(value)
}

function legText(row: Readonly<Record<string, unknown>>): LegText {
  return Object.fromEntries(NAMES.map((name) => [name, textOf(name, row[name])]))
}

/** By batch and then as they stand in it, whatever file they came from. */
function inOrder(legs: readonly LegText[]): LegText[] {
  const key = ({ batch = '' }: LegText) =>
    batch
      .split('-')
      .map((part) => part.padStart(12, '0'))
      .join('-')
  return legs
    .map((leg) => [key(leg), leg] as const)
    .sort(([a], [b]) => (a < b ? -1 : Number(a > b)))
    .map(([, leg]) => leg)
}

export function csvLegs(dataRoot: string): LegText[] {
  const rows = filesBelow(join(dataRoot, 'legs'), '.csv').flatMap((path): Record<string, string>[] =>
    parse(readFileSync(path), { columns: true }),
  )
  return inOrder(rows.map(legText))
}

export function jsonlLegs(dataRoot: string): LegText[] {
  const lines = filesBelow(join(dataRoot, 'legs'), '.jsonl').flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== ''),
  )
  return inOrder(lines.map((line) => legText(JSON.parse(line))))
}

export function sqliteLegs(dataRoot: string): LegText[] {
  const days = filesBelow(join(dataRoot, 'store'), '.db').filter((path) => /\d{4}-\d{2}-\d{2}\.db$/.test(path))
  const rows = days.flatMap((path) => {
    const database = new Database(path, { readonly: true })
    const found = database.prepare<[], Record<string, unknown>>('SELECT * FROM legs').all()
    database.close()
    return found
  })
  return inOrder(rows.map(legText))
}

export interface JournalCount {
  readonly legs: number
  readonly underlyings: number
  /** `<epoch>-<seq>` of every batch, in the order of the record. */
  readonly batches: readonly string[]
}

/** Reads the journal by its documented form alone: `<seq> <crc> <json>` a line. */
export function countJournal(dataRoot: string): JournalCount {
  const batches: string[] = []
  let legs = 0
  let underlyings = 0
  for (const { epoch, line } of journalLines(dataRoot)) {
    const seq = line.slice(0, line.indexOf(' '))
    const { kind, rows } = JSON.parse(line.slice(seq.length + 10))
    if (kind === 'underlyings') underlyings += rows.length
    if (kind !== 'batch') continue
    legs += rows.length
    batches.push(`${epoch}-${seq}`)
  }
  return { legs, underlyings, batches }
}
