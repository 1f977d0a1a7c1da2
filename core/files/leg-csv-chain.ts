import type { Readable } from 'node:stream'
import { type Parser, parse } from 'csv-parse'
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
  const parser = stream.pipe(parse({ bom: true, relax_column_count: true, skip_empty_lines: true }))
  stream.on('error', (fault) => parser.destroy(fault))
  try {
    return await collect(parser, atMs)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OpError('chain_unreadable', { path, reason }, { cause })
  }
}

async function collect(parser: Parser, atMs: number | null): Promise<ReadChain | null> {
  let header: Header | null = null
  const latest = new Map<string, string[]>()
  for await (const cells of parser as AsyncIterable<string[]>) {
    if (header === null) {
      header = headerOf(cells)
      if (header === null) return null
    } else if (cells.length === header.width) {
      keepLatest(latest, header, cells, atMs)
    }
  }
  return header === null ? null : chainOf([...latest.values()].map(header.line))
}

interface Header {
  readonly width: number
  readonly ts: number
  /** Places that tell a contract from others. */
  readonly key: readonly number[]
  line(cells: readonly string[]): Line
}

function headerOf(names: readonly string[]): Header | null {
  const places = new Map(names.map((name, place) => [name.trim(), place]))
  const place = (column: ColumnName) => places.get(column) ?? -1
  if (NEEDED.some((column) => place(column) < 0)) return null
  return {
    width: names.length,
    ts: place('ts'),
    key: [place('expiry'), place('strike'), place('right')],
    line: (cells) => ({
      text: (column) => cells[place(column)] || null,
      number: (column) => figure(cells[place(column)]),
    }),
  }
}

function keepLatest(latest: Map<string, string[]>, header: Header, cells: string[], atMs: number | null): void {
  const ts = Number(cells[header.ts])
  if (!(ts > 0) || (atMs !== null && ts > atMs)) return
  const key = header.key.map((place) => cells[place]).join(' ')
  const before = latest.get(key)
  if (before === undefined || Number(before[header.ts]) <= ts) latest.set(key, cells)
}

function chainOf(lines: readonly Line[]): ReadChain {
  const byTime = lines.toSorted((a, b) => (a.number('ts') ?? 0) - (b.number('ts') ?? 0))
  const newest = byTime.at(-1)
  return {
    index: newest?.text('index') ?? null,
    asOf: newest?.number('ts') ?? null,
    spot: byTime.findLast((line) => line.number('spot') !== null)?.number('spot') ?? null,
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
