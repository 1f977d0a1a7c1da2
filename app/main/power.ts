import { powerMonitor, powerSaveBlocker } from 'electron'
import type { MonitorHost } from './monitor-host.ts'

/** Hands sleep and awakening to the monitor; `onShutdown` when the system goes down. Returns what ends it. */
export function followPower(host: MonitorHost, onShutdown: () => void): () => void {
  const asleep = () => host.running()?.onPower('sleep')
  const awake = () => host.running()?.onPower('wake')
  powerMonitor.on('suspend', asleep)
  powerMonitor.on('resume', awake)
  powerMonitor.on('shutdown', onShutdown)
  return () => {
    powerMonitor.off('suspend', asleep)
    powerMonitor.off('resume', awake)
    powerMonitor.off('shutdown', onShutdown)
  }
}

/** Keeps the machine awake while it is told to; the display may go dark. */
export function createWakefulness() {
  let blocker: number | null = null
  return {
    keep(awake: boolean): void {
      if (awake && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension')
      if (awake || blocker === null) return
      powerSaveBlocker.stop(blocker)
      blocker = null
    },
  }
}
