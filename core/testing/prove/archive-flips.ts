import { readdirSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { OpError } from '../../kernel/errors.ts'
import { encryptArchived, removeArchived } from '../../store/archive-day.ts'
import { archivePath, MANIFEST, readManifest } from '../../store/archive-manifest.ts'
import { archivedPieces } from '../../store/verify-archive.ts'
import { ARCHIVED, createArchiveRig } from '../archive-rig.ts'
import { memoryCipher } from '../memory-keyring.ts'
import type { FlipClass } from './flip-classes.ts'

export interface ArchivedDay {
  readonly root: string
  readonly files: readonly string[]
  /** What the verification of the archive says: faults found or not. */
  isDamaged(): Promise<boolean>
}

/** An archived day whose online files are gone. */
export async function archiveDayIn(folder: string, isEncrypted: boolean, signal: AbortSignal): Promise<ArchivedDay> {
  await mkdir(folder, { recursive: true })
  const { root, archive } = await createArchiveRig(folder)
  const cipher = memoryCipher(root)
  await archive()
  await removeArchived(root, ARCHIVED, null)
  if (isEncrypted) await encryptArchived(cipher, root, ARCHIVED, signal)
  const path = archivePath(root, ARCHIVED)
  return {
    root,
    files: readdirSync(path).map((name) => join(path, name)),
    async isDamaged() {
      for (const piece of archivedPieces(root, ARCHIVED, { cipher })) {
        if ((await piece.fault((bytes) => bytes)) !== null) return true
      }
      return false
    },
  }
}

/** `isDamaged` may throw what is wrong. */
export function archiveClass(name: string, { root, files }: ArchivedDay, isDamaged: () => Promise<boolean>): FlipClass {
  const said = () => JSON.stringify(readManifest(root, ARCHIVED))
  const sound = said()
  return {
    name,
    check: 'sha256 of every file, in the manifest, which has a checksum of its own',
    files,
    async judge(path) {
      try {
        if (await isDamaged()) return 'detected'
        // A bit of a file was flipped: only in the manifest, whose spaces mean nothing, may that be nothing.
        return basename(path) === MANIFEST && said() === sound ? 'harmless' : 'silent'
      } catch (fault) {
        if (fault instanceof OpError) return 'detected'
        throw fault
      }
    },
  }
}

/** Sizes alone, as a glance into the folder has them. */
export async function hasOtherSizes({ root }: ArchivedDay): Promise<boolean> {
  const path = archivePath(root, ARCHIVED)
  return readManifest(root, ARCHIVED).files.some(({ name, bytes }) => statSync(join(path, name)).size !== bytes)
}
