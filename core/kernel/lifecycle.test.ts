import { describe, expect, it } from 'vitest'
import { type Component, once, stopAll } from './lifecycle.ts'

function createParts(failing: readonly string[] = []) {
  const log: string[] = []
  const part = (name: string): Component => ({
    name,
    async start() {},
    async stop() {
      log.push(`stop ${name}`)
      if (failing.includes(name)) throw new Error(`${name} does not stop`)
    },
  })
  return { log, parts: ['a', 'b', 'c'].map(part) }
}

describe('once', () => {
  it('runs once, and all callers share the outcome', async () => {
    let runs = 0
    const stop = once(async () => {
      runs += 1
      throw new Error(`run ${runs}`)
    })
    await expect(stop()).rejects.toThrow('run 1')
    await expect(stop()).rejects.toThrow('run 1')
    expect(runs).toBe(1)
  })
})

describe('stopAll', () => {
  it('stops every part in reverse whatever fails, then tells what did', async () => {
    const { log, parts } = createParts(['a', 'c'])
    const fault = await stopAll(parts).catch((thrown: unknown) => thrown)
    expect(log).toEqual(['stop c', 'stop b', 'stop a'])
    expect(fault).toMatchObject({ code: 'stop_incomplete', message: '2 parts did not stop cleanly' })
    expect((fault as { cause?: AggregateError }).cause?.errors.map(String)).toEqual([
      'Error: c does not stop',
      'Error: a does not stop',
    ])
  })

  it('is silent when all stop', async () => {
    const { parts } = createParts()
    await expect(stopAll(parts)).resolves.toBeUndefined()
  })
})
