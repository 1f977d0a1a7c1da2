import { describe, expect, it } from 'vitest'
import type { Notice } from '../../core/contract/desktop.ts'
import { OpError } from '../../core/kernel/errors.ts'
import type { Monitor } from '../../core/runtime/monitor-shape.ts'
import { silentLogger } from '../../core/testing/silent-logger.ts'
import { createMonitorHost } from './monitor-host.ts'

const idle = (stop: () => Promise<void>): Monitor => ({ stop }) as Monitor

function build(begin: (onStop: (part: string) => void) => Promise<Monitor>) {
  const notices: (Notice | null)[] = []
  let running = 0
  const host = createMonitorHost({
    begin,
    logger: () => silentLogger,
    onNotice: (notice) => void notices.push(notice),
    onRunning: () => {
      running += 1
    },
  })
  return { host, notices, running: () => running }
}

describe('the monitor behind the window', () => {
  it('runs once, whoever asks how often', async () => {
    let begun = 0
    const monitor = idle(async () => {})
    const { host, notices, running } = build(async () => {
      begun += 1
      return monitor
    })
    await Promise.all([host.start(), host.start()])
    await host.start()
    expect(await host.monitor()).toBe(monitor)
    expect([begun, running(), notices]).toEqual([1, 1, []])
  })

  it('says why it does not run, and runs after another try', async () => {
    let attempts = 0
    const { host, notices } = build(async () => {
      attempts += 1
      if (attempts === 1) throw new OpError('data_dir_taken', { pid: 1, path: '/data' })
      return idle(async () => {})
    })
    await host.start()
    await expect(host.monitor()).rejects.toMatchObject({ code: 'data_dir_taken' })
    expect(host.notice()).toMatchObject({ kind: 'failed', sentence: 'another OP Trading (pid 1) writes to /data' })
    await host.start()
    expect(host.running()).not.toBeNull()
    expect(notices.map((notice) => notice?.kind ?? null)).toEqual(['failed', 'starting', null])
  })

  it('tells what it is finishing, stops once, and says whether all is recorded', async () => {
    let stops = 0
    const { host, notices } = build(async (onStop) =>
      idle(async () => {
        stops += 1
        for (const part of ['market', 'process-watch', 'journal']) onStop(part)
      }),
    )
    await host.start()
    expect(await Promise.all([host.stop(), host.stop()])).toEqual([0, 0])
    expect(stops).toBe(1)
    expect(notices.map((notice) => notice?.sentence)).toEqual([
      'Finishing: recording what was received.',
      'Finishing: closing the connections to the exchange.',
      'Finishing: sealing the record.',
    ])
  })

  it('ends as failed when something could not be stopped, and at once when nothing ran', async () => {
    const broken = build(async () => idle(() => Promise.reject(new OpError('stop_incomplete', { count: 1 }))))
    await broken.host.start()
    expect(await broken.host.stop()).toBe(1)
    expect(await build(() => Promise.reject(new Error('never'))).host.stop()).toBe(0)
  })
})
