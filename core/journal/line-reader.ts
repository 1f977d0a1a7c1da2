import { OpError } from '../kernel/errors.ts'
import { decodeLine, type Line, MAX_LINE_BYTES } from './line-format.ts'
import { DamagedPart, type SegmentBytes } from './segment-bytes.ts'

/** Why reading ended before the limit. `torn`: the file ends within a line. */
export interface LineFault {
  readonly offset: number
  readonly reason: string
  readonly torn: boolean
}

/** Reads verified lines of one file in order. */
export interface LineReader {
  /** The next lines, never empty; null at the end or at a fault. */
  read(): Promise<readonly Line[] | null>
  /** Set once `read` has said null because of it. */
  fault(): LineFault | null
  close(): Promise<void>
}

/** A file of lines, however its bytes are kept. */
export interface Readable {
  readonly path: string
  open(): Promise<SegmentBytes>
}

export interface LineStart {
  readonly offset: number
  /** Checksum that the line there continues. */
  readonly seed: number
}

const CHUNK_BYTES = 256 * 1024
const NEWLINE = 0x0a

/**
 * Reads from `start` up to byte `limit`. Throws `file_unreadable` when the disk cannot give the bytes, and `data_locked`
 * when the key is missing.
 */
export async function openLines(
  { path, open }: Readable,
  start: LineStart,
  limit = Number.POSITIVE_INFINITY,
): Promise<LineReader> {
  const handle = await readable(path, open)
  let rest: Buffer = Buffer.alloc(0)
  let offset = start.offset
  let seed = start.seed
  let fault: LineFault | null = null
  let ended = false

  const take = (): Line[] => {
    const lines: Line[] = []
    let from = 0
    for (let newline = rest.indexOf(NEWLINE); newline >= 0; newline = rest.indexOf(NEWLINE, from)) {
      const line = decodeLine(rest, from, newline, seed, offset)
      if (line === null) {
        fault = { offset: offset + from, reason: 'the checksum does not hold', torn: false }
        break
      }
      lines.push(line)
      seed = line.crc
      from = newline + 1
    }
    offset += from
    rest = rest.subarray(from)
    return lines
  }

  const takeMore = (grown: Buffer): Line[] => {
    ended = grown.length === rest.length
    rest = grown
    const lines = take()
    if (fault === null && ended && rest.length > 0) fault = { offset, reason: 'the last line is cut', torn: true }
    if (fault === null && rest.length > MAX_LINE_BYTES) fault = { offset, reason: 'a line has no end', torn: false }
    return lines
  }

  return {
    async read() {
      while (!ended && fault === null) {
        const grown = await readable(path, () => extend(handle, rest, offset, limit))
        const lines = grown instanceof DamagedPart ? [] : takeMore(grown)
        if (grown instanceof DamagedPart) fault = { offset, reason: grown.message, torn: false }
        if (lines.length > 0) return lines
      }
      return null
    },
    fault: () => fault,
    close: () => handle.close(),
  }
}

/** `rest` (which lies at `offset`) and the next bytes of the file; a fresh buffer, since lines point into the old one. */
async function extend(
  handle: SegmentBytes,
  rest: Buffer,
  offset: number,
  limit: number,
): Promise<Buffer | DamagedPart> {
  const at = offset + rest.length
  const wanted = Math.min(CHUNK_BYTES, limit - at)
  if (wanted <= 0) return rest
  const chunk = Buffer.allocUnsafeSlow(rest.length + wanted)
  rest.copy(chunk)
  const bytesRead = await handle.read(chunk, rest.length, wanted, at).catch(damageOf)
  if (bytesRead instanceof DamagedPart) return bytesRead
  return chunk.subarray(0, rest.length + bytesRead)
}

function damageOf(fault: unknown): DamagedPart {
  if (fault instanceof DamagedPart) return fault
  throw fault
}

async function readable<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (fault) {
    if (fault instanceof OpError) throw fault
    const reason = fault instanceof Error ? fault.message : String(fault)
    throw new OpError('file_unreadable', { path, reason }, { cause: fault })
  }
}
