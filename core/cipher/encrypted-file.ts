import { randomBytes } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { OpError } from '../kernel/errors.ts'
import type { FileReader } from '../ports/file-reader.ts'
import { decodePreface, encodePreface, PREFACE_BYTES } from './file-preface.ts'
import { KEY_BYTES, type MasterKey } from './master-key.ts'
import {
  layoutFor,
  layoutOf,
  makeStreamHeader,
  type StreamCipher,
  type StreamLayout,
  type StreamSuite,
  streamCipher,
  streamHeaderBytes,
} from './sealed-stream.ts'

/** What one read of a byte costs; what is held in memory. */
const SEGMENT_BYTES = 64 * 1024

const suiteOf = (segmentBytes: number): StreamSuite => ({ hash: 'sha256', keyBytes: KEY_BYTES, segmentBytes })

/** The preface and the file's logical name: what else must be the same when it is opened. */
const associatedWith = (preface: Uint8Array, name: string) => Buffer.concat([preface, Buffer.from(name)])

export interface EncryptInputs {
  /** Of the plain file, which must not change meanwhile. */
  readonly source: string
  /** Must not exist. */
  readonly target: string
  readonly key: MasterKey
  /** Under which it is opened. */
  readonly name: string
  readonly signal: AbortSignal
  readonly segmentBytes?: number
}

/** Writes the encrypted form of a file (mode 600); it is on the medium when it resolves. */
export async function writeEncrypted(inputs: EncryptInputs): Promise<void> {
  const { key, name, segmentBytes = SEGMENT_BYTES } = inputs
  const suite = suiteOf(segmentBytes)
  const preface = encodePreface({ keyId: key.id, segmentBytes })
  const header = makeStreamHeader(suite, randomBytes)
  const cipher = streamCipher(suite, key.secret, header, associatedWith(preface, name))
  if (cipher === null) throw new OpError('internal', { reason: 'the header of an encrypted file is wrong' })
  const source = await open(inputs.source, 'r')
  try {
    const layout = layoutFor(suite, (await source.stat()).size)
    const target = await open(inputs.target, 'wx', 0o600)
    try {
      await target.writeFile(Buffer.concat([preface, header]))
      for (let index = 0; index < layout.segments; index += 1) {
        inputs.signal.throwIfAborted()
        const { from, length } = layout.plainAt(index)
        const plain = await readWhole(source, from, length)
        if (plain === null) throw new OpError('file_unreadable', { path: inputs.source, reason: 'it became shorter' })
        await target.writeFile(cipher.seal(index, index === layout.segments - 1, plain))
      }
      await target.sync()
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

/** Finds the key with that id; throws when it is not there. */
export type FindKey = (id: string) => MasterKey

/** Opens the encrypted file at `path` and verifies its length. Throws `encrypted_file_damaged` and what `findKey` throws. */
export async function openEncrypted(path: string, name: string, findKey: FindKey): Promise<FileReader> {
  const handle = await open(path, 'r')
  try {
    const stream = await openStream(handle, path, name, findKey)
    const read = createReader(handle, path, stream)
    // Only the last segment says that nothing is missing behind it.
    await read.segment(stream.layout.segments - 1)
    return { size: stream.layout.plainBytes, read: read.bytes, close: () => handle.close() }
  } catch (fault) {
    await handle.close()
    throw fault
  }
}

interface Stream {
  readonly cipher: StreamCipher
  readonly layout: StreamLayout
}

async function openStream(handle: FileHandle, path: string, name: string, findKey: FindKey): Promise<Stream> {
  const written = await readWhole(handle, 0, PREFACE_BYTES)
  const preface = written === null ? null : decodePreface(written)
  if (written === null || preface === null) throw damaged(path, 'its beginning is no longer what was written')
  const suite = suiteOf(preface.segmentBytes)
  const header = await readWhole(handle, PREFACE_BYTES, streamHeaderBytes(suite))
  const layout = layoutOf(suite, (await handle.stat()).size - PREFACE_BYTES)
  if (header === null || layout === null) throw damaged(path, 'it is cut')
  const { secret } = findKey(preface.keyId)
  const cipher = streamCipher(suite, secret, header, associatedWith(written, name))
  if (cipher === null) throw damaged(path, 'its beginning is no longer what was written')
  return { cipher, layout }
}

/** Keeps the newest segment, since readers go forward. */
function createReader(handle: FileHandle, path: string, { cipher, layout }: Stream) {
  let kept: { readonly index: number; readonly plain: Buffer } | null = null
  const segment = async (index: number): Promise<Buffer> => {
    if (kept?.index === index) return kept.plain
    const { from, length } = layout.sealedAt(index)
    const sealed = await readWhole(handle, PREFACE_BYTES + from, length)
    const plain = sealed === null ? null : cipher.open(index, index === layout.segments - 1, sealed)
    if (plain === null) throw damaged(path, `what stands at byte ${PREFACE_BYTES + from} is not what was written there`)
    kept = { index, plain }
    return plain
  }
  const bytes: FileReader['read'] = async (position, length) => {
    const wanted = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, layout.plainBytes - position)))
    for (let done = 0; done < wanted.length; ) {
      const index = layout.indexOf(position + done)
      const plain = await segment(index)
      done += plain.copy(wanted, done, position + done - layout.plainAt(index).from)
    }
    return wanted
  }
  return { segment, bytes }
}

function damaged(path: string, reason: string): OpError {
  return new OpError('encrypted_file_damaged', { path, reason })
}

/** null when the file has fewer bytes there. */
async function readWhole(handle: FileHandle, from: number, length: number): Promise<Buffer | null> {
  const bytes = Buffer.allocUnsafeSlow(length)
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, length - done, from + done)
    if (bytesRead === 0) return null
    done += bytesRead
  }
  return bytes
}
