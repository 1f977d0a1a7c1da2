import { createReadStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { constants, createGunzip, gunzipSync } from 'node:zlib'
import type { ChainSnapshot } from '../domain/chain-snapshot.ts'
import { OpError } from '../kernel/errors.ts'
import { readBseChain } from './bse-chain.ts'
import { readLegCsv } from './leg-csv-chain.ts'
import { type ReadChain, readNseChain } from './nse-chain.ts'

export interface ChainFileOptions {
  /** The state up to this instant, epoch milliseconds; also the time of a file that does not tell its own. */
  readonly at: number | null
  /** Of a file whose rows name none, `YYYY-MM-DD`. */
  readonly expiry: string | null
}

/**
 * Reads an option chain from a file: JSON of NSE or BSE, or CSV of our own; gzipped or not. OpError `file_unreadable`
 * with what is wrong: it cannot be read, is none of these, holds no contract, or does not tell its time.
 */
export async function readChainFile(path: string, options: ChainFileOptions): Promise<ChainSnapshot> {
  const read = await readAny(path, options)
  if (read === null) {
    throw unreadable(path, 'it is neither an option chain of NSE or BSE (JSON) nor a CSV file of legs')
  }
  if (read.legs.length === 0) throw unreadable(path, emptyBecause(read, options))
  const asOf = read.asOf ?? options.at
  if (asOf === null) throw unreadable(path, 'it does not say when it was taken: give --at INSTANT')
  if (options.at !== null && asOf > options.at) {
    throw unreadable(path, 'it was taken after the instant of --at, and says nothing of the time before')
  }
  return { ...read, asOf, index: read.index ?? 'UNKNOWN' }
}

function emptyBecause(read: ReadChain, { at, expiry }: ChainFileOptions): string {
  if (read.oiUnit === 'units' && at !== null) return 'it holds no leg up to the instant of --at'
  return expiry === null
    ? 'it holds no contract with strike and expiry (--expiry DATE names one)'
    : 'it holds no contract'
}

async function readAny(path: string, options: ChainFileOptions): Promise<ReadChain | null> {
  const { gzipped, json } = await sniff(path)
  if (!json) return readLegCsv(path, openText(path, gzipped), options.at)
  const content = await readJson(path, gzipped)
  return readBseChain(content, options.expiry) ?? readNseChain(content)
}

const HEAD_BYTES = 65_536

/** What a file is, by its first block. */
async function sniff(path: string): Promise<{ readonly gzipped: boolean; readonly json: boolean }> {
  return readable(path, async () => {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
      const head = buffer.subarray(0, bytesRead)
      const gzipped = head[0] === 0x1f && head[1] === 0x8b
      // A block ends in the middle of the stream, which is no fault here.
      const text = gzipped ? gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH }) : head
      return { gzipped, json: /^\uFEFF?\s*[[{]/.test(text.toString('utf8')) }
    } finally {
      await file.close()
    }
  })
}

async function readJson(path: string, gzipped: boolean): Promise<unknown> {
  return readable(path, async () => {
    const bytes = await readFile(path)
    const text = (gzipped ? gunzipSync(bytes) : bytes).toString('utf8')
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  })
}

function openText(path: string, gzipped: boolean): Readable {
  const file = createReadStream(path)
  if (!gzipped) return file
  const text = createGunzip()
  file.on('error', (fault) => text.destroy(fault))
  return file.pipe(text)
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (cause) {
    throw unreadable(path, cause instanceof Error ? cause.message : String(cause), cause)
  }
}

function unreadable(path: string, reason: string, cause?: unknown): OpError {
  return new OpError('file_unreadable', { path, reason }, { cause })
}
