import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createRecordLevel } from './record-level.ts'

function createRig() {
  const clock = createFakeClock(0)
  const warnings: string[] = []
  const logger = { ...silentLogger, warning: (text: string) => void warnings.push(text) }
  const pending: Record<string, number> = { store: 3, csv: 9 }
  const level = createRecordLevel({ clock, logger, relay: { pending: () => pending } }, 'store')
  /** Milliseconds one by one, with what they set off. */
  const pass = async (ms: number) => {
    for (let i = 0; i < ms / 20; i += 1) {
      clock.advance(20)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { clock, level, pass, pending, warnings }
}

describe('record level', () => {
  it('waits for its consumer alone', async () => {
    const { level, pass, pending, warnings } = createRig()
    let done = false
    const waiting = level(new AbortController().signal).then(() => {
      done = true
    })
    await pass(200)
    expect(done).toBe(false)
    pending.store = 0
    await pass(20)
    await waiting
    expect(warnings).toEqual([])
  })

  it('does not wait for a store that is built again', async () => {
    const { level, pass, warnings } = createRig()
    const waiting = level(new AbortController().signal)
    await pass(5_020)
    await waiting
    expect(warnings).toEqual([expect.stringContaining('store is still behind')])
  })

  it('ends with its signal', async () => {
    const { level } = createRig()
    const stopping = new AbortController()
    const waiting = level(stopping.signal)
    stopping.abort(new Error('stop'))
    await expect(waiting).rejects.toThrow('stop')
  })
})
