import { statfs } from 'node:fs/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from '../kernel/clock.ts'
import { type Component, once } from '../kernel/lifecycle.ts'
import type { Metrics } from '../ports/metrics.ts'
import { createStallCount } from './stall-count.ts'

const INTERVAL_MS = 5_000

/** The process as it was measured last. */
export interface ProcessFacts {
  /** Wall time. */
  readonly startedAt: number
  readonly uptimeMs: number
  /** Resident memory. */
  readonly memoryBytes: number
  /** p99 of the last interval. */
  readonly eventLoopLagMs: number
  readonly stalls: number
  readonly lastStallAt: number | null
  /** CPU time over wall time, 1 = one core. */
  readonly cpuRatio: number
  /** null when the disk under DATA_DIR could not be asked. */
  readonly diskFreeBytes: number | null
}

export interface ProcessWatch extends Component {
  facts(): ProcessFacts
}

/** Measures the process itself: event-loop delay, memory, CPU, and the disk under the data folder. */
export function createProcessWatch(deps: { clock: Clock; metrics: Metrics }, dataDir: string): ProcessWatch {
  const { clock, metrics } = deps
  const delay = monitorEventLoopDelay({ resolution: 20 })
  const stalls = createStallCount(deps)
  const began = { wall: clock.wallNow(), monotonic: clock.monotonicMs() }
  const latest: { lagMs: number; cpuRatio: number; diskFreeBytes: number | null } = {
    lagMs: 0,
    cpuRatio: 0,
    diskFreeBytes: null,
  }
  let cancel: () => void = () => {}
  let cpu = process.cpuUsage()
  let at = clock.monotonicMs()
  const measure = async () => {
    const now = clock.monotonicMs()
    const used = process.cpuUsage(cpu)
    latest.cpuRatio = (used.user + used.system) / 1000 / Math.max(1, now - at)
    cpu = process.cpuUsage()
    at = now
    latest.lagMs = Math.max(0, delay.percentile(99) / 1e6 - 20)
    delay.reset()
    metrics.set('system_cpu_usage_ratio', {}, latest.cpuRatio)
    metrics.set('op_event_loop_lag_seconds', {}, latest.lagMs / 1000)
    metrics.set('system_memory_usage_bytes', {}, process.memoryUsage.rss())
    const disk = await statfs(dataDir)
    latest.diskFreeBytes = disk.bavail * disk.bsize
    metrics.set('op_disk_free_bytes', {}, latest.diskFreeBytes)
  }
  return {
    name: 'process-watch',
    async start() {
      delay.enable()
      await stalls.start()
      await measure()
      cancel = clock.every(INTERVAL_MS, () => {
        measure().catch(() => {
          latest.diskFreeBytes = null
          metrics.set('op_disk_free_bytes', {}, 0)
        })
      })
    },
    stop: once(async () => {
      cancel()
      await stalls.stop()
      delay.disable()
    }),
    facts: () => ({
      startedAt: began.wall,
      uptimeMs: clock.monotonicMs() - began.monotonic,
      memoryBytes: process.memoryUsage.rss(),
      eventLoopLagMs: latest.lagMs,
      stalls: stalls.count(),
      lastStallAt: stalls.lastAt(),
      cpuRatio: latest.cpuRatio,
      diskFreeBytes: latest.diskFreeBytes,
    }),
  }
}
