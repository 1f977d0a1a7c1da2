import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { type Disk, replaceFile } from './disk.ts'
import { parseJson } from './entry-codec.ts'
import { decodeLine, encodeLine } from './line-format.ts'
import { sealPath } from './segment-name.ts'

const sealSchema = z.object({
  epoch: z.int().positive(),
  firstSeq: z.int().nonnegative(),
  /** `lastSeq` and `lastCrc` are the position of the last record that counts; those of the record before when it has none. */
  lastSeq: z.int().nonnegative(),
  /** Market times of its first and last record; null when it has none. */
  firstTs: z.number().nullable(),
  lastTs: z.number().nullable(),
  /** Records, the header not counted. */
  count: z.int().nonnegative(),
  /** How many bytes of the file, from its beginning, `sha256` covers: all that counts. */
  bytes: z.int().nonnegative(),
  sha256: z.string(),
  lastCrc: z.int().nonnegative(),
  /** sha256 of the seal file before this one, of any epoch. */
  prevSealSha256: z.string().nullable(),
  /** Where and why reading stopped when it was sealed; null for a sound segment. */
  damage: z.object({ offset: z.int(), reason: z.string() }).nullable(),
})

/** What a finished segment holds. One line in the form of the record's own, so that it verifies itself. */
export type Seal = z.infer<typeof sealSchema>

export interface StoredSeal {
  readonly seal: Seal
  /** Of the seal file: what the next seal names. */
  readonly sha256: string
}

/** Writes the seal of the segment at `path`, durable when it resolves. */
export async function writeSeal(disk: Disk, path: string, seal: Seal): Promise<StoredSeal> {
  const { bytes } = encodeLine(seal.lastSeq, JSON.stringify(seal), 0)
  await replaceFile(disk, sealPath(path), bytes)
  return { seal, sha256: sha256(bytes) }
}

/** The seal of the segment at `path`; null when it is damaged. The file must exist. */
export async function readSeal(path: string): Promise<StoredSeal | null> {
  const bytes = await readFile(sealPath(path))
  const line = bytes.at(-1) === 0x0a ? decodeLine(bytes, 0, bytes.length - 1, 0, 0) : null
  const parsed = line === null ? null : sealSchema.safeParse(parseJson(line.body))
  return parsed?.success ? { seal: parsed.data, sha256: sha256(bytes) } : null
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
