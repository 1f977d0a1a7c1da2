import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A screen that nobody looks at. */
export interface Display {
  /** What a window must have in its environment to open there. */
  readonly env: Readonly<Record<string, string>>
  stop(): Promise<void>
}

const REAL_SCREEN: Display = { env: {}, stop: () => Promise.resolve() }

/**
 * Starts an X server of its own on Linux, on a display number that it finds free itself; elsewhere windows open on the
 * screen of the machine. Throws when Xvfb is missing or dies.
 */
export async function startDisplay(size = '2560x1440x24'): Promise<Display> {
  if (process.platform !== 'linux') return REAL_SCREEN
  const xvfb = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', size, '-nolisten', 'tcp', '-noreset'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const ended = once(xvfb, 'close')
  // A test that is cut short leaves none behind.
  const kill = () => xvfb.kill()
  process.once('exit', kill)
  const pipe = xvfb.stdio[3]
  if (pipe === null || pipe === undefined || !('read' in pipe)) throw new Error('Xvfb has no pipe for its number')
  const first = await Promise.race([once(createInterface({ input: pipe }), 'line'), ended])
  const number = String(first[0]).trim()
  if (xvfb.exitCode !== null || !/^\d+$/.test(number)) throw new Error(`Xvfb ended with ${xvfb.exitCode}`)
  return {
    env: { DISPLAY: `:${number}` },
    async stop() {
      process.off('exit', kill)
      kill()
      await ended
    },
  }
}
