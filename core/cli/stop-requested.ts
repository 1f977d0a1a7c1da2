/** How often an orphan looks whether its parent still lives. */
const PARENT_MS = 1_000
/** A second Ctrl-C sooner than this is the same one, sent to the whole group of processes and passed on as well. */
const IMPATIENT_MS = 1_000

/**
 * Resolves when the process is asked to stop: SIGINT, SIGTERM, SIGHUP (the terminal was closed), or the death of the
 * npm process that started it (a SIGTERM to npm alone would otherwise leave it running unseen). The same request may
 * come several times, from a group and from the launcher; only a Ctrl-C that is repeated later ends it at once.
 */
export function stopRequested(): Promise<string> {
  const parent = process.ppid
  const underNpm = process.env.npm_lifecycle_event !== undefined
  return new Promise((resolve) => {
    let askedAt: number | null = null
    const ask = (reason: string) => {
      clearInterval(watch)
      askedAt ??= performance.now()
      resolve(reason)
    }
    const watch = setInterval(() => {
      if (underNpm && process.ppid !== parent) ask('its parent ended')
    }, PARENT_MS)
    // A start that fails must not be held up by whoever waits for its stop.
    watch.unref()
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ask(signal))
    process.on('SIGINT', () => {
      if (askedAt !== null && performance.now() - askedAt > IMPATIENT_MS) process.exit(130)
      ask('SIGINT')
    })
  })
}
