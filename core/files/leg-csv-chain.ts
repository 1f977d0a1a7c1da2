import type { Readable } from 'node:stream'
import { parse } from 'csv-parse/sync'
import type { SnapshotLeg } from '../domain/chain-snapshot.ts'
import type { LEG_COLUMNS } from '../domain/leg.ts'
import { OpError } from '../kernel/errors.ts'
import { figure } from './exchange-text.ts'
import type { ReadChain } from './nse-chain.ts'

type ColumnName = (typeof LEG_COLUMNS)[number]['name']
const NEEDED: readonly ColumnName[] = ['ts', 'index', 'expiry', 'strike', 'right', 'ltp']

/** Fields of a line by the names of the header. */
interface Line {
  text(column: ColumnName): string | null
  number(column: ColumnName): number | null
}

/**
 * The last leg of every contract up to an instant (null = the end) of a CSV of ours; streamed, since a day may hold
 * millions of lines. Null when it is no such file. A last line that is not complete is passed over. OpError
 * `chain_unreadable`.
 */
export async function readLegCsv(path: string, stream: Readable, atMs: number | null): Promise<ReadChain | null> {
  try {
    return await collect(stream, atMs)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OpError('chain_unreadable', { path, reason }, { cause })
  } finally {
    stream.destroy()
  }
}

async function collect(stream: Readable, atMs: number | null): Promise<ReadChain | null> {
  let header: Header | null = null
  const latest = new Map<string, Latest>()
  for await (const { text, ended } of linesOf(stream)) {
    if (header === null) {
      header = headerOf(cellsOf(text))
      if (header === null) return null
    } else if (ended || cellsOf(text).length === header.width) {
      keepLatest(latest, header, text, atMs)
    }
  }
  if (header === null) return null
  const { width, line } = header
  const cells = [...latest.values()].map(({ text }) => cellsOf(text))
  return chainOf(cells.filter(({ length }) => length === width).map(line))
}

/** Lines that are not blank; the last may not be ended. Our fields hold no line break. */
async function* linesOf(stream: Readable): AsyncGenerator<{ readonly text: string; readonly ended: boolean }> {
  let rest = ''
  for await (const block of stream.setEncoding('utf8')) {
    const lines = `${rest}${block}`.split('\n')
    rest = lines.pop() ?? ''
    for (const text of lines) if (text.trim() !== '') yield { text, ended: true }
  }
  if (rest.trim() !== '') yield { text: rest, ended: false }
}

/** All fields of a line. */
function cellsOf(text: string): string[] {
  const [cells = []] = parse(text, { bom: true, relax_column_count: true })
  return cells
}

interface Header {
  readonly width: number
  readonly ts: number
  /** Places that tell a contract from others. */
  readonly key: readonly number[]
  /** How many fields from the start hold these. */
  readonly head: number
  line(cells: readonly string[]): Line
}

function headerOf(names: readonly string[]): Header | null {
  const places = new Map(names.map((name, place) => [name.trim(), place]))
  const place = (column: ColumnName) => places.get(column) ?? -1
  if (NEEDED.some((column) => place(column) < 0)) return null
  const key = [place('expiry'), place('strike'), place('right')]
  return {
    width: names.length,
    ts: place('ts'),
    key,
    head: Math.max(place('ts'), ...key) + 1,
    line: (cells) => ({
      text: (column) => cells[place(column)] || null,
      number: (column) => figure(cells[place(column)]),
    }),
  }
}

interface Latest {
  readonly ts: number
  readonly text: string
}

/** Looks at the fields that decide alone, since all but a few lines are followed by a later one of their contract. */
function keepLatest(latest: Map<string, Latest>, header: Header, text: string, atMs: number | null): void {
  const cells = text.includes('"') ? cellsOf(text) : text.split(',', header.head)
  const ts = Number(cells[header.ts])
  if (cells.length < header.head || !(ts > 0) || (atMs !== null && ts > atMs)) return
  const key = header.key.map((place) => cells[place]).join(' ')
  const before = latest.get(key)
  if (before === undefined || before.ts <= ts) latest.set(key, { ts, text })
}

function chainOf(lines: readonly Line[]): ReadChain {
  const byTime = lines.toSorted((a, b) => (a.number('ts') ?? 0) - (b.number('ts') ?? 0))
  const newest = byTime.at(-1)
  return {
    index: newest?.text('index') ?? null,
    asOf: newest?.number('ts') ?? null,
    spot: byTime.findLast((line) => line.number('spot') !== null)?.number('spot') ?? null,
    scope: 'window',
    oiUnit: 'units',
    legs: byTime.flatMap(legOf),
  }
}

function legOf(line: Line): SnapshotLeg[] {
  const [expiry, right, strike] = [line.text('expiry'), line.text('right'), line.number('strike')]
  if (expiry === null || (right !== 'CE' && right !== 'PE') || strike === null) return []
  const [last, close] = [line.number('ltp'), line.number('close')]
  return [
    {
      expiry,
      strike,
      right,
      last,
      bid: line.number('bid'),
      ask: line.number('ask'),
      volume: line.number('volume'),
      oi: line.number('oi'),
      oiChange: null,
      priceChange: last === null || close === null ? null : last - close,
      publishedIv: line.number('iv'),
      quotedAt: line.number('ts'),
    },
  ]
}
