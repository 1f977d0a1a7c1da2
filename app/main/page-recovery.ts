import type { WebContents } from 'electron'
import type { Logger } from '../../core/kernel/logger.ts'
import { backoffMs } from '../../core/kernel/retry.ts'

const RETRY = { firstMs: 500, maxMs: 30_000 }
/** A page that has lasted so long was well: its next fault is the first again. */
const WELL_MS = 60_000

export type PageFault = 'gone' | 'unresponsive'

export interface RecoveryDeps {
  readonly logger: () => Logger
  /** Loads the page anew. */
  readonly load: () => void
  readonly onFault: (reason: PageFault) => void
  /** The application ends, and the page with it. */
  readonly isEnding: () => boolean
}

/**
 * Loads a page anew whose process is gone or hangs: at once the first time, later and later while it happens again. The
 * recording goes on in main and is not touched.
 */
export function recoverPage(contents: WebContents, { logger, load, onFault, isEnding }: RecoveryDeps): void {
  let faults = 0
  let lastAt = Number.NEGATIVE_INFINITY
  let reason: PageFault = 'gone'
  contents.on('unresponsive', () => {
    reason = 'unresponsive'
    // A hanging process reads no request to load anything; once it is gone the page comes back.
    contents.forcefullyCrashRenderer()
  })
  contents.on('render-process-gone', (_, { reason: detail, exitCode }) => {
    if (isEnding()) return
    const now = performance.now()
    faults = now - lastAt > WELL_MS ? 1 : faults + 1
    lastAt = now
    logger().error('the page of the window ended and is loaded again; collecting is not affected', {
      reason: `${reason} (${detail}, ${exitCode})`,
    })
    onFault(reason)
    reason = 'gone'
    const delayMs = faults === 1 ? 0 : backoffMs(faults, { ...RETRY, random: Math.random })
    setTimeout(() => {
      if (!isEnding() && !contents.isDestroyed()) load()
    }, delayMs)
  })
}
