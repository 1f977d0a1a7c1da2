import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { openEncrypted, writeEncrypted } from '../core/cipher/encrypted-file.ts'
import { makeMasterKey } from '../core/cipher/master-key.ts'
import { createCsvFormat } from '../core/files/leg-csv.ts'
import { bytesOf } from '../core/ports/file-reader.ts'
import type { Arena, Benchmark } from './harness.ts'
import { collectLegs } from './market-feed.ts'
import { createMarketFrames } from './market-frames.ts'

const LEGS = 41_000
const NAME = 'legs'
const never = new AbortController().signal

async function open(): Promise<Arena> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-cipher-'))
  const at = (name: string) => join(folder, name)
  const legs = await collectLegs(createMarketFrames(), LEGS)
  const { encode } = createCsvFormat()
  await writeFile(at('plain'), Buffer.concat(legs.map((leg) => Buffer.from(encode(leg)))))
  const gzip = () => pipeline(createReadStream(at('plain')), createGzip({ level: 6 }), createWriteStream(at('gz')))
  await gzip()
  const key = makeMasterKey()
  const encrypt = async () => {
    await rm(at('enc'), { force: true })
    await writeEncrypted({ source: at('gz'), target: at('enc'), key, name: NAME, signal: never })
  }
  await encrypt()
  const { size } = await stat(at('gz'))
  let position = 0
  return {
    contestants: [
      { name: 'gzip, level 6', run: () => gzip().then(() => LEGS) },
      { name: 'encrypt the compressed file', run: () => encrypt().then(() => LEGS) },
      {
        name: 'decrypt it',
        run: async () => {
          await buffer(bytesOf(await openEncrypted(at('enc'), NAME, () => key)))
          return LEGS
        },
      },
      {
        name: 'open it for one byte',
        run: async () => {
          const file = await openEncrypted(at('enc'), NAME, () => key)
          position = (position + 1_234_567) % size
          await file.read(position, 1)
          await file.close()
          return LEGS
        },
      },
    ],
    claims: [
      {
        text: 'gzip / encrypting what it made',
        ...{ of: 'gzip, level 6', to: 'encrypt the compressed file', better: 'higher', pass: 5, ambitious: 15 },
      },
      {
        text: 'gzip / decrypting what it made',
        ...{ of: 'gzip, level 6', to: 'decrypt it', better: 'higher', pass: 10, ambitious: 30 },
      },
      {
        text: 'decrypting all / one byte from anywhere',
        ...{ of: 'decrypt it', to: 'open it for one byte', better: 'higher', pass: null, ambitious: 10 },
      },
    ],
    close: () => rm(folder, { recursive: true }),
  }
}

export const cipher: Benchmark = {
  name: 'cipher',
  title: 'Encryption at rest',
  description: `What encrypting a finished CSV file of ${LEGS.toLocaleString('en-IN')} legs adds to compressing it: AES-256-GCM over the compressed file, to the
disk and synced. One byte from anywhere opens two of its segments of 64 KiB.`,
  unit: 'leg',
  cost: 'processor',
  roundMs: 150,
  open,
}
