import { openLineFile } from '../files/line-file.ts'
import type { Logger } from '../kernel/logger.ts'
import { loadMemoryMap } from '../platform/load-memory-map.ts'
import { readMapped, writeMapped } from '../platform/mapped-file.ts'
import type { OpenFileReader } from '../ports/file-reader.ts'
import type { OpenLineFile } from '../ports/line-file.ts'

/** How files are read and written, where it is not by the file system's own calls. */
export interface FileAccess {
  /** Finished files of the record. */
  readonly openFinished?: OpenFileReader
  /** Live CSV and JSONL files; never the journal. */
  readonly openFile?: OpenLineFile
}

/** Through memory where `USE_MEMORY_MAPPING` asks for it and the system can; `logger` is told when it cannot. */
export async function chooseFileAccess(useMapping: boolean, logger?: Logger): Promise<FileAccess> {
  if (!useMapping) return {}
  const memory = await loadMemoryMap()
  if (memory === null) {
    logger?.warning('files cannot be mapped into memory on this system; they are read and written plainly')
    return {}
  }
  return { openFinished: readMapped(memory), openFile: writeMapped(memory, openLineFile) }
}
