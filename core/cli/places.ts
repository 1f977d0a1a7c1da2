import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const self = fileURLToPath(import.meta.url)

/** As far above `core/cli` as above `out/main`, where the bundle of the command line lies. */
export const PROJECT_ROOT = join(self, '../../..')
export const PAGE_FOLDER = join(PROJECT_ROOT, 'out/page')
export const ARCHIVE_WORKER = join(
  PROJECT_ROOT,
  self.endsWith('.ts') ? 'core/runtime/archive-worker.ts' : 'out/main/archive-worker.cjs',
)
