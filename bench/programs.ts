import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const CACHE = join(ROOT, 'node_modules/.cache')
export const OPTRADE = join(ROOT, 'build/optrade.js')

/** A new folder on the disk of the checkout, for what a benchmark records. */
export function folderFor(name: string): string {
  mkdirSync(CACHE, { recursive: true })
  return mkdtempSync(join(CACHE, `bench-${name}-`))
}

/** A program on this Node; `found` resolves with what it prints that matches. */
export function startProgram(args: readonly string[], pattern: RegExp, cwd: string, env: NodeJS.ProcessEnv = {}) {
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, args, { cwd, env: { PATH, HOME, ...env } })
  return { child, found: firstMatch(child, pattern) }
}

/** The product without a window, which records in `folder`; `found` resolves with its address when the API answers. */
export function startProduct(
  folder: string,
  env: NodeJS.ProcessEnv,
  flags: readonly string[] = [],
  pattern = /API answers at (http:\S+?),/,
) {
  const ports = { API_PORT: '0', METRICS_PORT: '0' }
  return startProgram([...flags, OPTRADE, 'run'], pattern, folder, { ...ports, ...env })
}

/** The first group of what a program prints that matches; fails when it ends before. */
export function firstMatch(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const onText = (part: Buffer) => {
      text += String(part)
      const match = pattern.exec(text)
      if (match?.[1] !== undefined) resolve(match[1])
    }
    child.stdout?.on('data', onText)
    child.stderr?.on('data', onText)
    child.on('close', () => reject(new Error(`${child.spawnargs.join(' ')} has ended:\n${text}`)))
  })
}

/** Asks the program to end and waits until it has. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = new Promise((resolve) => void child.once('close', resolve))
  child.kill()
  await closed
}
