import { statfs } from 'node:fs/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from '../kernel/clock.ts'
import { type Component, once } from '../kernel/lifecycle.ts'
import type { Metrics } from '../ports/metrics.ts'

const INTERVAL_MS = 5_000

/** Measures the process itself: event-loop delay, memory, CPU, and the disk under the data folder. */
export function createProcessWatch(deps: { clock: Clock; metrics: Metrics }, dataDir: string): Component {
  const { clock, metrics } = deps
  const delay = monitorEventLoopDelay({ resolution: 20 })
  let cancel: () => void = () => {}
  let cpu = process.cpuUsage()
  let at = clock.monotonicMs()
  const measure = async () => {
    const now = clock.monotonicMs()
    const used = process.cpuUsage(cpu)
    metrics.set('system_cpu_usage_ratio', {}, (used.user + used.system) / 1000 / Math.max(1, now - at))
    cpu = process.cpuUsage()
    at = now
    metrics.set('op_event_loop_lag_seconds', {}, Math.max(0, delay.percentile(99) / 1e9 - 0.02))
    delay.reset()
    metrics.set('system_memory_usage_bytes', {}, process.memoryUsage.rss())
    const disk = await statfs(dataDir)
    metrics.set('op_disk_free_bytes', {}, disk.bavail * disk.bsize)
  }
  return {
    name: 'process-watch',
    async start() {
      delay.enable()
      await measure()
      cancel = clock.every(INTERVAL_MS, () => {
        measure().catch(() => metrics.set('op_disk_free_bytes', {}, 0))
      })
    },
    stop: once(async () => {
      cancel()
      delay.disable()
    }),
  }
}
