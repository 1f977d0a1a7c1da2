import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { OpError } from '../kernel/errors.ts'

const sumSchema = z.object({ bytes: z.int().nonnegative(), sha256: z.string().length(64) })

const fileSchema = sumSchema.extend({
  name: z.string().regex(/^[\w.-]+$/),
  /** What it was made of, from the data folder on; null for what the archive made of its own. */
  from: z.string().nullable(),
  /** What it gives back when it is read. */
  plain: sumSchema,
  /** Of the online file, where that is not what it gives back: of a store without the rows of its legs. */
  online: sumSchema.optional(),
})

const manifestSchema = z.object({
  /** 1: the store is whole. 2: it is without the rows of its legs, which the Parquet file gives back. */
  version: z.union([z.literal(1), z.literal(2)]),
  date: z.iso.date(),
  source: z.string(),
  /** Of the product that wrote it. */
  product: z.string(),
  /** Wall time, epoch milliseconds. */
  archived_at: z.number(),
  /** Of the day store. */
  schema: z.int(),
  batches: z.int(),
  legs: z.int(),
  /** Of the seal: sha256 over all that the day consists of. */
  digest: z.string(),
  files: z.array(fileSchema),
})

/** As it lies on the disk; those of version 1 have no checksum. */
const storedSchema = manifestSchema.extend({ checksum: z.string().optional() })

/** What the archive of a day holds; written last. */
export type ArchiveManifest = z.infer<typeof manifestSchema>
export type ArchivedFile = ArchiveManifest['files'][number]

/** Of the online file that it was made of. */
export const onlineSum = ({ online, plain }: ArchivedFile) => online ?? plain

export const MANIFEST = 'manifest.json'

/** `archive/YYYY/MM/YYYY-MM-DD`, from the data folder on. */
export function archivePath(root: string, date: string): string {
  return join(root, 'archive', date.slice(0, 4), date.slice(5, 7), date)
}

export const closingName = (date: string) => `${date}.closing.db`
/** The day store is `<date>.db.gz`, or `<date>.db` where the archive is not compressed. */
export const isStore = ({ name, from }: Pick<ArchivedFile, 'name' | 'from'>) =>
  from !== null && /\.db(\.gz)?$/.test(name)
export const parquetName = (date: string) => `legs_${date}.parquet`

/** What stands for a file of the archive. Throws `archive_damaged` when the manifest does not name it. */
export function fileIn({ date, files }: ArchiveManifest, root: string, is: (file: ArchivedFile) => boolean) {
  const found = files.find(is)
  if (found === undefined) throw damaged(join(archivePath(root, date), MANIFEST), 'it does not name every file')
  return found
}

/** Of what a manifest says: its fields in the order of the schema. */
function checksumOf(manifest: ArchiveManifest): string {
  return createHash('sha256')
    .update(JSON.stringify(manifestSchema.parse(manifest)))
    .digest('hex')
}

/** The text of the file, in which any change shows. */
export function manifestText(manifest: ArchiveManifest): string {
  return `${JSON.stringify({ ...manifest, checksum: checksumOf(manifest) }, null, 1)}\n`
}

/** Throws `archive_damaged` when it is missing, not what was written, or not a manifest of that day. */
export function readManifest(root: string, date: string): ArchiveManifest {
  const path = join(archivePath(root, date), MANIFEST)
  try {
    const { checksum, ...manifest } = storedSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
    const mustHave = manifest.version > 1 || checksum !== undefined
    if (mustHave && checksum !== checksumOf(manifest)) throw new Error('its checksum is another')
    if (manifest.date !== date) throw new Error(`it is of ${manifest.date}`)
    return manifest
  } catch (fault) {
    throw damaged(path, fault)
  }
}

export function damaged(path: string, fault: unknown): OpError {
  const reason = fault instanceof Error ? fault.message : String(fault)
  return new OpError('archive_damaged', { path, reason }, { cause: fault })
}
