import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type HealthReport, healthSchema } from '../core/contract/api-schema.ts'
import { eventually } from '../core/testing/eventually.ts'

const scriptAt = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** What starts the product: the command line, or what `npm start` runs, as the head of a group of processes. */
export interface Launcher {
  readonly script: string
  readonly ownGroup: boolean
}
export const COMMAND: Launcher = { script: scriptAt('../build/optrade.js'), ownGroup: false }
export const NPM_START: Launcher = { script: scriptAt('../build/start.js'), ownGroup: true }

/** A running `optrade`, started as a user starts it. */
export interface Running {
  readonly child: ChildProcess
  /** Everything it has printed so far, stdout and stderr. */
  output(): string
  /** What it has printed on stderr. */
  errors(): string
  /** Waits for a line that matches, and returns its first group. */
  waitFor(pattern: RegExp): Promise<string>
  /** Sends a signal and resolves with the exit status, null when the signal itself ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
  /** Resolves with the exit status when it ends by itself. */
  readonly ended: Promise<number | null>
}

/** A plain trading day between two expiries: what a test sees does not depend on the day on which it runs. */
export const SIM_AT = '2026-11-25T10:00'

/** The environment of a user who has set nothing of ours but the day; no settings of the machine leak into a test. */
function cleanEnvironment(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env
  return { PATH, HOME, SIM_AT, API_PORT: '0', METRICS_PORT: '0', ...settings }
}

/** Starts `optrade …` in a folder of its own, so that no .env is read. */
export function startOptrade(
  args: readonly string[],
  cwd: string,
  settings: Readonly<Record<string, string>> = {},
  { script, ownGroup }: Launcher = COMMAND,
): Running {
  const env = cleanEnvironment(settings)
  const child = spawn(process.execPath, [script, ...args], { cwd, env, detached: ownGroup })
  let text = ''
  let errors = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)))
  child.stderr.on('data', (chunk) => (errors += String(chunk)))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    child,
    ended,
    output: () => text,
    errors: () => errors,
    waitFor: (pattern) =>
      eventually(() => {
        const match = pattern.exec(text)
        if (match === null) throw new Error(`no line matches ${pattern} in:\n${text}`)
        return match[1] ?? match[0]
      }, 60_000),
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return ended
    },
  }
}

/** A folder that is gone after the test. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'optrade-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) }
}

export async function readJson(url: string): Promise<unknown> {
  const reply = await fetch(url)
  return reply.json()
}

export async function readHealth(address: string): Promise<HealthReport> {
  return healthSchema.parse(await readJson(`${address}/health`))
}

export const API_ADDRESS = /the API answers at (http:\/\/[\d.]+:\d+)/
export const EXCHANGE_ADDRESS = /simulated exchange at (http:\/\/[\d.]+:\d+)/
