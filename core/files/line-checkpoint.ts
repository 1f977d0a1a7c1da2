import { z } from 'zod'
import type { Cursors } from '../ports/cursors.ts'
import type { Position } from '../ports/journal.ts'

/** How far a file goes: its length, and the last batch in it with the number of that batch's legs. */
export interface FileMark {
  readonly bytes: number
  readonly epoch: number
  readonly seq: number
  readonly rows: number
}

export const EMPTY_MARK: FileMark = { bytes: 0, epoch: 0, seq: 0, rows: 0 }

/** What is on disk for certain: the position, and how far each of the latest days' files goes, by relative path. */
export interface Checkpoint {
  readonly position: Position | null
  readonly files: ReadonlyMap<string, FileMark>
}

const count = z.number().int().nonnegative()
const savedCheckpoint = z.strictObject({
  version: z.literal(1),
  position: z.strictObject({ epoch: count, seq: count, crc: count }).nullable(),
  files: z.record(z.string(), z.tuple([count, count, count, count])),
})

/** Reads the checkpoint; null when there is none, or none that can be read: the files then speak for themselves. */
export function loadCheckpoint(cursors: Cursors, name: string): Checkpoint | null {
  const text = cursors.load(name)
  if (text === null) return null
  const parsed = savedCheckpoint.safeParse(parseJson(text))
  if (!parsed.success) return null
  const files = Object.entries(parsed.data.files)
  return {
    position: parsed.data.position,
    files: new Map(files.map(([path, [bytes, epoch, seq, rows]]) => [path, { bytes, epoch, seq, rows }])),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export function saveCheckpoint(cursors: Cursors, name: string, checkpoint: Checkpoint): void {
  const files = [...checkpoint.files].map(([path, mark]) => [path, [mark.bytes, mark.epoch, mark.seq, mark.rows]])
  cursors.save(name, JSON.stringify({ version: 1, position: checkpoint.position, files: Object.fromEntries(files) }))
}
