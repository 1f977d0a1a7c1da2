/** The bytes that went into an encrypted file, read from anywhere in it. */
export interface DecryptedFile {
  readonly size: number
  /**
   * Copies at most `length` bytes from `position` on; 0 at the end. Nothing is given that was not verified. Throws
   * OpError `encrypted_file_damaged`.
   */
  read(target: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>
  close(): Promise<void>
}

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
   * Opens `encryptedPath(path)`; its length is verified then. Throws OpError `data_locked` when its key is not there,
   * `encrypted_file_damaged` when it is cut, changed or of another name, and the system's own fault when it is missing.
   */
  open(path: string): Promise<DecryptedFile>
}

/** What reads encrypted files and makes none. */
export type FileOpener = Pick<FileCipher, 'open'>

/** Where the encrypted form of a file lies. Where both are there, the plain one counts. */
export function encryptedPath(path: string): string {
  return `${path}.enc`
}

const CHUNK_BYTES = 256 * 1024

/** All of it from the beginning, in parts of their own; it is closed behind the last, and when the reader stops. */
export async function* bytesOf(file: DecryptedFile): AsyncGenerator<Uint8Array> {
  try {
    for (let position = 0; position < file.size; ) {
      const chunk = new Uint8Array(Math.min(CHUNK_BYTES, file.size - position))
      const { bytesRead } = await file.read(chunk, 0, chunk.length, position)
      yield chunk.subarray(0, bytesRead)
      position += bytesRead
    }
  } finally {
    await file.close()
  }
}
