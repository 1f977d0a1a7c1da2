import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * `<firstSeq>.log`, 12 digits. Records that are not batches share a number, so two segments of one epoch may begin
 * with the same one: the later are `<firstSeq>_0002.log` and so on, which also sorts behind.
 */
export interface SegmentName {
  readonly epoch: number
  readonly firstSeq: number
  /** 1 for the first with this number. */
  readonly part: number
}

export interface SegmentFile extends SegmentName {
  /** Of the raw file. */
  readonly path: string
  /** Whether the raw file is there; else it lies compressed at `packedPath(path)`, encrypted or not. */
  readonly raw: boolean
  /** Whether the compressed file is there, not encrypted. */
  readonly packed: boolean
}

const SEQ_DIGITS = 12
const PART_DIGITS = 4
const SEGMENT_PATTERN = /^((\d{12})(?:_(\d{4,}))?\.log)(\.gz(?:\.enc)?)?$/
const EPOCH_PATTERN = /^[1-9]\d{0,14}$/

export function epochFolder(folder: string, epoch: number): string {
  return join(folder, String(epoch))
}

export function segmentPath(folder: string, name: SegmentName): string {
  const suffix = name.part === 1 ? '' : `_${String(name.part).padStart(PART_DIGITS, '0')}`
  return join(epochFolder(folder, name.epoch), `${String(name.firstSeq).padStart(SEQ_DIGITS, '0')}${suffix}.log`)
}

export function sealPath(segment: string): string {
  return `${segment.slice(0, -'.log'.length)}.seal`
}

/** The same segment, finished and compressed. */
export function packedPath(segment: string): string {
  return `${segment}.gz`
}

/** Epochs that exist, ascending. */
export async function listEpochs(folder: string): Promise<number[]> {
  const names = await readdir(folder)
  return names
    .filter((name) => EPOCH_PATTERN.test(name))
    .map(Number)
    .sort((a, b) => a - b)
}

/** Segments of one epoch in the order in which they were written. */
export async function listSegments(folder: string, epoch: number): Promise<SegmentFile[]> {
  const segments = new Map<string, SegmentFile>()
  for (const file of await readdir(epochFolder(folder, epoch))) {
    const [, name, firstSeq, part = '1', form] = SEGMENT_PATTERN.exec(file) ?? []
    if (name === undefined) continue
    const known = segments.get(name)
    const path = join(epochFolder(folder, epoch), name)
    const raw = form === undefined || known?.raw === true
    const packed = form === '.gz' || known?.packed === true
    segments.set(name, { epoch, firstSeq: Number(firstSeq), part: Number(part), path, raw, packed })
  }
  return [...segments.values()].sort((a, b) => a.firstSeq - b.firstSeq || a.part - b.part)
}
