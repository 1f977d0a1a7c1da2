import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Main lies in `out/main`, beside the other bundles, in a checkout and in the package. */
const out = fileURLToPath(new URL('../', import.meta.url))

export const PROJECT_ROOT = join(out, '..')
export const PAGE_FOLDER = join(out, 'page')
export const ARCHIVE_WORKER = join(out, 'main', 'archive-worker.cjs')
export const PRELOAD_FILE = join(out, 'preload', 'index.cjs')
export const ICON_FOLDER = join(PROJECT_ROOT, 'resources', 'icons')
