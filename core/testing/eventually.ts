/**
 * Waits until `check` no longer throws and returns its value; fails with its last error after `deadlineMs`.
 * The deadline is for liveness only, far above what the fact should take.
 */
export async function eventually<T>(check: () => T | Promise<T>, deadlineMs = 15_000): Promise<T> {
  const end = performance.now() + deadlineMs
  for (;;) {
    try {
      return await check()
    } catch (fault) {
      if (performance.now() > end) throw fault
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
