/** How often an orphan looks whether its parent still lives. */
const PARENT_MS = 1_000

/**
 * Resolves when the process is asked to stop: SIGINT, SIGTERM, SIGHUP, or the death of the npm process that started it
 * (a SIGTERM to npm alone would otherwise leave it running unseen). A second SIGINT ends it at once.
 */
export function stopRequested(): Promise<string> {
  const parent = process.ppid
  const underNpm = process.env.npm_lifecycle_event !== undefined
  return new Promise((resolve) => {
    const ask = (reason: string) => {
      clearInterval(watch)
      resolve(reason)
    }
    const watch = setInterval(() => {
      if (underNpm && process.ppid !== parent) ask('its parent ended')
    }, PARENT_MS)
    // A start that fails must not be held up by whoever waits for its stop.
    watch.unref()
    process.once('SIGTERM', () => ask('SIGTERM'))
    // The terminal was closed, or the connection to it was lost.
    process.once('SIGHUP', () => ask('SIGHUP'))
    process.once('SIGINT', () => {
      process.once('SIGINT', () => process.exit(130))
      ask('SIGINT')
    })
  })
}
