const STATUS = { SIGINT: 130, SIGTERM: 143 } as const

/** Aborts with `reason` when the process is asked to end; asked again, it ends at once. */
export function cancelRequested(reason: Error): AbortSignal {
  const cancelled = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Not `once`: what draws on the terminal ends the process when nobody else listens any more.
    process.on(signal, () => {
      if (cancelled.signal.aborted) process.exit(STATUS[signal])
      cancelled.abort(reason)
    })
  }
  return cancelled.signal
}
