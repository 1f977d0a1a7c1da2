import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs'
import type { Logger } from '../kernel/logger.ts'
import { EMPTY_MARK, type FileMark } from './line-checkpoint.ts'
import { unwritable } from './line-file.ts'
import type { LineFormat } from './line-format.ts'

/** Holds the lines of a whole chain's batch many times over. */
const TAIL_BYTES = 4 * 1024 * 1024
const NEWLINE = 10

/** Length of a file in bytes, null when there is none. */
export function fileLength(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null
}

/** The complete lines at the end of a file, and its length up to the last newline. */
function readTail(path: string): { readonly lines: readonly string[]; readonly bytes: number } {
  const handle = openSync(path, 'r')
  try {
    const size = fstatSync(handle).size
    const from = Math.max(0, size - TAIL_BYTES)
    const tail = Buffer.alloc(size - from)
    const read = readSync(handle, tail, 0, tail.length, from)
    const end = tail.subarray(0, read).lastIndexOf(NEWLINE) + 1
    return { lines: tail.toString('utf8', 0, end).split('\n').slice(0, -1), bytes: end === 0 ? 0 : from + end }
  } finally {
    closeSync(handle)
  }
}

function markOf(path: string, format: LineFormat): FileMark | null {
  const { lines, bytes } = readTail(path)
  const last = lines.at(-1)
  if (last === undefined) return null
  const batch = format.batchOf(last)
  if (batch === null) {
    const isHeader = lines.length === 1 && format.header.length === bytes
    return isHeader ? { ...EMPTY_MARK, bytes } : null
  }
  const others = lines.toReversed().findIndex((line) => {
    const number = format.batchOf(line)
    return number?.epoch !== batch.epoch || number.seq !== batch.seq
  })
  return { bytes, ...batch, rows: others === -1 ? lines.length : others }
}

/**
 * How far a file goes that no checkpoint knows: read from its last lines, so that a reset cursor neither doubles
 * nor destroys what is there. A file that does not end in lines of this format is moved aside and begun anew.
 */
export function adoptFile(path: string, format: LineFormat, logger: Logger): FileMark {
  try {
    if ((fileLength(path) ?? 0) === 0) return EMPTY_MARK
    const mark = markOf(path, format)
    if (mark !== null) return mark
    moveAside(path, logger)
    return EMPTY_MARK
  } catch (fault) {
    throw unwritable(path, fault)
  }
}

function moveAside(path: string, logger: Logger): void {
  let number = 1
  while (fileLength(`${path}.damaged-${number}`) !== null) number += 1
  renameSync(path, `${path}.damaged-${number}`)
  logger.warning('moved a damaged file aside', { path, to: `${path}.damaged-${number}` })
}
