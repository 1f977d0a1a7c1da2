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
 * Reads an option chain from a file: JSON of NSE or BSE, or CSV of our own; gzipped or not. OpError
 * `file_unreadable` when it cannot be read, `chain_unreadable` when it is none of these, holds no contract, or does not
 * tell its time.
 */
export async function readChainFile(path: string, options: ChainFileOptions): Promise<ChainSnapshot> {
  const read = await readAny(path, options)
  if (read === null) {
    throw noChain(path, 'it is neither JSON of NSE or BSE nor a CSV file of legs')
  }
  if (read.legs.length === 0) throw noChain(path, emptyBecause(read, options))
  const asOf = read.asOf ?? options.at
  if (asOf === null) throw noChain(path, 'it does not say when it was taken: give --at INSTANT')
  if (options.at !== null && asOf > options.at) {
    throw noChain(path, 'it was taken after the instant of --at, and says nothing of the time before')
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
  const text = await readable(path, async () => {
    const bytes = await readFile(path)
    return (gzipped ? gunzipSync(bytes) : bytes).toString('utf8').replace(/^\uFEFF/, '')
  })
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw noChain(path, cause instanceof Error ? cause.message : String(cause), cause)
  }
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
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OpError('file_unreadable', { path, reason }, { cause })
  }
}

function noChain(path: string, reason: string, cause?: unknown): OpError {
  return new OpError('chain_unreadable', { path, reason }, { cause })
}
