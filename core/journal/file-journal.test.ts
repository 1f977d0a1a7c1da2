import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../testing/journal-builders.ts'
import { createMemoryJournal, createMemoryRecord } from '../testing/journal-memory.ts'
import { describeJournal, type JournalHarness } from '../testing/journal-suite.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createFileJournal, type FileJournalOptions } from './file-journal.ts'

function fileHarness(options: Partial<FileJournalOptions>): () => Promise<JournalHarness> {
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), 'journal-'))
    return {
      open: () =>
        createFileJournal(
          { clock: systemClock, logger: silentLogger },
          { folder: join(folder, 'journal'), source: 'sim', commitIntervalMs: 5, ...options },
        ),
      dispose: () => rm(folder, { recursive: true, force: true }),
    }
  }
}

describeJournal('files', fileHarness({}))
describeJournal('files, many small segments and hardly any memory', fileHarness({ segmentBytes: 1500, tailRecords: 3 }))
describeJournal('files, one record a commit', fileHarness({ commitBytes: 1, segmentBytes: 1 }))

describeJournal('memory', async () => {
  const record = createMemoryRecord()
  return { open: () => createMemoryJournal(record), dispose: async () => {} }
})
