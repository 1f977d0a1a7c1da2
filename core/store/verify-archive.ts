import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { OpError } from '../kernel/errors.ts'
import { encryptedPath } from '../ports/file-cipher.ts'
import type { FinishedFiles } from '../ports/finished-files.ts'
import { isMissing, isSame, storedBytes, sumOf } from './archive-bytes.ts'
import { archivePath, MANIFEST, readManifest } from './archive-manifest.ts'

/** A file of the archive that can be held against its manifest. */
export interface ArchivedPiece {
  /** Of the form that is there. */
  readonly path: string
  /** Why it is not what was archived; null: it is. Throws `data_locked`, and what `pace` throws. */
  fault(pace: Pace): Promise<string | null>
}

/** Gives other work its turn while bytes go by. */
export type Pace = (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>

/** The files that the manifest of an archived day names, and what to hold them against. Throws `archive_damaged`. */
export function archivedPieces(root: string, date: string, files: FinishedFiles): ArchivedPiece[] {
  return readManifest(root, date).files.map(({ name, ...expected }) => {
    const plain = join(archivePath(root, date), name)
    return {
      path: existsSync(plain) || !existsSync(encryptedPath(plain)) ? plain : encryptedPath(plain),
      async fault(pace) {
        try {
          const found = await sumOf(Readable.from(pace(await storedBytes(plain, files))))
          return isSame(found, expected) ? null : 'it is not what was archived'
        } catch (fault) {
          return sentenceOf(fault)
        }
      },
    }
  })
}

/** What the file itself is to blame for; throws the rest. */
function sentenceOf(fault: unknown): string {
  if (isMissing(fault)) return 'it is missing'
  const isOfFile = fault instanceof OpError ? fault.code === 'encrypted_file_damaged' : isOfSystem(fault)
  if (isOfFile && fault instanceof Error) return fault.message
  throw fault
}

function isOfSystem(fault: unknown): boolean {
  return fault instanceof Error && 'syscall' in fault
}

export function manifestPath(root: string, date: string): string {
  return join(archivePath(root, date), MANIFEST)
}
