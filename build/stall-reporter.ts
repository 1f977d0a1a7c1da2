import type { Reporter, TestModule } from 'vitest/node'

const LOOK_EVERY_MS = 60_000
/** The longest file takes less on a slow machine. */
const PATIENCE_MS = 180_000

/** Says which files have been running for minutes: what a run that hangs was at stands in its log. */
export default class StallReporter implements Reporter {
  readonly #began = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  onTestRunStart() {
    this.#timer = setInterval(() => {
      for (const [file, began] of this.#began) {
        const took = performance.now() - began
        if (took > PATIENCE_MS) console.log(`still running: ${file}, for ${Math.round(took / 1000)} s`)
      }
    }, LOOK_EVERY_MS).unref()
  }

  onTestModuleStart({ relativeModuleId }: TestModule) {
    this.#began.set(relativeModuleId, performance.now())
  }

  onTestModuleEnd({ relativeModuleId }: TestModule) {
    this.#began.delete(relativeModuleId)
  }

  onTestRunEnd() {
    clearInterval(this.#timer)
  }
}
