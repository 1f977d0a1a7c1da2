import type { Clock } from '../kernel/clock.ts'
import { toOpError } from '../kernel/errors.ts'
import { type Component, once } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import type { FileCipher } from '../ports/file-cipher.ts'
import { type Disk, nodeDisk } from './disk.ts'
import { packSegment } from './pack.ts'
import { listEpochs, listSegments, packedPath, type SegmentFile } from './segment-name.ts'

export interface SegmentPackerDeps {
  readonly clock: Clock
  readonly logger: Logger
  /** Default: the file system. */
  readonly disk?: Disk
  /** Encrypts what is compressed, where that is asked for. */
  readonly cipher?: FileCipher
}

export interface SegmentPackerOptions {
  /** The journal's. */
  readonly folder: string
  /** gzip, 1 to 9 (default 6). */
  readonly level?: number
  /** Between looks for finished segments (default one minute). */
  readonly intervalMs?: number
}

/**
 * Compresses finished segments in the background, oldest first, one at a time, and encrypts them where that is asked for:
 * those too that were compressed before. The journal must run before it.
 */
export function createSegmentPacker(deps: SegmentPackerDeps, options: SegmentPackerOptions): Component {
  const { clock, logger, disk = nodeDisk, cipher = null } = deps
  const { folder, level = 6, intervalMs = 60_000 } = options
  const stopping = new AbortController()
  /** Looked at once and left: damaged, or already said. */
  const left = new Set<string>()
  let cancel: () => void = () => {}
  let working: Promise<void> | null = null

  const pack = async (path: string): Promise<boolean> => {
    if (left.has(path)) return false
    const outcome = await packSegment(disk, path, level, stopping.signal)
    if (outcome === 'packed') logger.debug('compressed a journal segment', { path })
    if (outcome === 'unsound') left.add(path)
    return outcome === 'packed'
  }
  const packAll = async () => {
    for (const { path, raw, packed } of await allSegments(folder)) {
      if (stopping.signal.aborted) return
      const isPacked = raw ? await pack(path) : packed
      if (isPacked && cipher?.encrypts() === true) await cipher.encrypt(packedPath(path), stopping.signal)
    }
  }
  const look = () => {
    working ??= packAll()
      .catch((fault: unknown) => {
        if (stopping.signal.aborted) return
        const { code, message } = toOpError(fault)
        logger.warning(`a journal segment cannot be compressed or encrypted yet: ${message}`, { code, error: fault })
      })
      .finally(() => {
        working = null
      })
  }
  return {
    name: 'segment-packer',
    async start() {
      cancel = clock.every(intervalMs, look)
      look()
    },
    stop: once(async () => {
      cancel()
      stopping.abort()
      await working
    }),
  }
}

async function allSegments(folder: string): Promise<SegmentFile[]> {
  const segments: SegmentFile[] = []
  for (const epoch of await listEpochs(folder)) segments.push(...(await listSegments(folder, epoch)))
  return segments
}
