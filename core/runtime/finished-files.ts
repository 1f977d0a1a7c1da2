import type { Settings } from '../contract/settings.ts'
import type { FinishedFiles } from '../ports/finished-files.ts'
import { createEncryption } from './encryption.ts'
import { chooseFileAccess } from './file-access.ts'

/** How a command reads what is on record. */
export async function finishedFilesOf(settings: Settings): Promise<FinishedFiles> {
  const { openFinished } = await chooseFileAccess(settings.USE_MEMORY_MAPPING)
  return { cipher: createEncryption(settings).cipher, openFinished }
}
