import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Leg } from '../domain/leg.ts'
import { OpError } from '../kernel/errors.ts'
import { bytesOf } from '../ports/file-reader.ts'
import type { FinishedFiles } from '../ports/finished-files.ts'
import { createCsvFormat, createLegDigest } from './leg-csv.ts'
import { createJsonlFormat } from './leg-jsonl.ts'
import type { LineFormat } from './line-format.ts'
import { formOf, packedBytes } from './packed-file.ts'

/** sha256 over the legs of each batch that the file must hold, by `<epoch>-<seq>`: what the day store keeps beside them. */
export type BatchDigests = ReadonlyMap<string, Uint8Array>

const unpack = promisify<Uint8Array, Buffer>(gunzip)

/**
 * Reads a CSV or JSONL file of legs whole, compressed, encrypted or neither, and holds every batch in it against its digest. Returns
 * what is not as it was written, a sentence each; empty = sound. Throws `file_unreadable`.
 */
export async function verifyLegFile(
  path: string,
  name: LineFormat['name'],
  expected: BatchDigests,
  files: FinishedFiles = { cipher: null },
): Promise<readonly string[]> {
  const text = await textOf(path, files)
  if (text === null) return ['it cannot be decompressed']
  const format = name === 'csv' ? createCsvFormat() : createJsonlFormat()
  const header = Buffer.from(format.header).toString('latin1')
  if (!text.startsWith(header)) return ['its header is not that of this format']
  if (!text.endsWith('\n')) return ['its last line is incomplete']
  const faults: string[] = []
  const seen = new Set<string>()
  for (const { batch, lines } of batchesIn(text.slice(header.length), format)) {
    if (seen.has(batch)) faults.push(`batch ${batch} is there twice`)
    else if (!isSame(digestOf(lines, name), expected.get(batch))) faults.push(`batch ${batch} is not what was recorded`)
    seen.add(batch)
  }
  for (const batch of expected.keys()) if (!seen.has(batch)) faults.push(`batch ${batch} is missing`)
  return faults
}

/** Byte by byte, so that a flipped bit does not vanish in a replacement character; null when it is damaged. */
async function textOf(path: string, files: FinishedFiles): Promise<string | null> {
  const form = formOf(path)
  const isAsWritten = form !== 'packed' && form !== 'encrypted'
  const bytes = await (isAsWritten ? plainBytes(path, files) : bytesOfPacked(path, files)).catch((fault: unknown) => {
    if (fault instanceof OpError && fault.code === 'encrypted_file_damaged') return null
    if (fault instanceof OpError) throw fault
    throw new OpError('file_unreadable', { path, reason: String(fault) }, { cause: fault })
  })
  if (bytes === null || isAsWritten) return bytes?.toString('latin1') ?? null
  return unpack(bytes).then(
    (plain) => plain.toString('latin1'),
    () => null,
  )
}

async function plainBytes(path: string, { openFinished }: FinishedFiles): Promise<Buffer> {
  return openFinished === undefined ? readFile(path) : buffer(bytesOf(await openFinished(path)))
}

async function bytesOfPacked(path: string, files: FinishedFiles): Promise<Buffer> {
  return buffer(await packedBytes(path, files))
}

interface BatchLines {
  readonly batch: string
  readonly lines: string[]
}

function batchesIn(text: string, format: LineFormat): BatchLines[] {
  const batches: BatchLines[] = []
  for (const line of text.split('\n').slice(0, -1)) {
    const number = format.batchOf(line)
    const batch = number === null ? 'unknown' : `${number.epoch}-${number.seq}`
    const last = batches.at(-1)
    if (last?.batch === batch) last.lines.push(line)
    else batches.push({ batch, lines: [line] })
  }
  return batches
}

const digestOfLegs = createLegDigest()

function digestOf(lines: readonly string[], name: LineFormat['name']): Uint8Array | null {
  // The digest is one over CSV lines, so those need no reading.
  if (name === 'csv')
    return createHash('sha256')
      .update(lines.map((line) => `${line}\n`).join(''), 'latin1')
      .digest()
  try {
    const format = createJsonlFormat()
    const legs = lines.map((line): Leg => JSON.parse(Buffer.from(line, 'latin1').toString('utf8')))
    // A field that no digest covers, and a number written otherwise, show in the line itself.
    const same = legs.every((leg, at) => Buffer.from(format.encode(leg)).toString('latin1') === `${lines[at]}\n`)
    return same ? digestOfLegs(legs) : null
  } catch {
    // What is no JSON any more has no digest.
    return null
  }
}

function isSame(digest: Uint8Array | null, expected: Uint8Array | undefined): boolean {
  return digest !== null && expected !== undefined && Buffer.compare(digest, expected) === 0
}
