import type { FileReader } from './file-reader.ts'

/** Encrypts files that are finished, and opens those that are encrypted. */
export interface FileCipher {
  /** Whether finished files are to be encrypted now: it is asked for, and the key is there. */
  encrypts(): boolean
  /**
   * Replaces the finished file at `path` by `encryptedPath(path)`, which only opens under that name. The plain file goes
   * when the encrypted one is on the medium and was seen to give every byte back; killed anywhere, one whole file is
   * there, and calling it again completes it. Throws OpError `data_locked`, `file_unwritable` and the signal's reason.
   */
  encrypt(path: string, signal: AbortSignal): Promise<void>
  /**
   * Opens what went into `encryptedPath(path)`; its length is verified then, and nothing is given that was not verified.
   * Throws OpError `data_locked` when its key is not there, `encrypted_file_damaged` when it is cut, changed or of another
   * name, as its `read` does, and the system's own fault when it is missing.
   */
  open(path: string): Promise<FileReader>
}

/** What reads encrypted files and makes none. */
export type FileOpener = Pick<FileCipher, 'open'>

/** Where the encrypted form of a file lies. Where both are there, the plain one counts. */
export function encryptedPath(path: string): string {
  return `${path}.enc`
}
