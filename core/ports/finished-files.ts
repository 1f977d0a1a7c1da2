import type { FileOpener } from './file-cipher.ts'
import type { OpenFileReader } from './file-reader.ts'

/** How files are opened that nobody writes any more. */
export interface FinishedFiles {
  /** Opens what is encrypted; null: nothing is. */
  readonly cipher: FileOpener | null
  /** Opens the rest; left out: by the file system's own calls. */
  readonly openFinished?: OpenFileReader | undefined
}
