import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'

const MODULE = new URL('./cancel-requested.ts', import.meta.url).href

/** A program that draws on a terminal, is interrupted, and tidies up. */
const PROGRAM = `
process.stderr.isTTY = true
const { createLogUpdate } = await import('log-update')
const { cancelRequested } = await import('${MODULE}')
const signal = cancelRequested(new Error('cancelled'))
createLogUpdate(process.stderr)('working')
setInterval(() => {}, 1_000)
signal.addEventListener('abort', () => {
  if (process.argv.includes('again')) process.kill(process.pid, 'SIGINT')
  else setTimeout(() => process.exit(process.stdout.write('tidied up') ? 3 : 4), 50)
})
process.kill(process.pid, 'SIGINT')`

async function interrupted(...args: readonly string[]) {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM, ...args])
  let text = ''
  child.stdout.on('data', (part) => {
    text += String(part)
  })
  const status = await new Promise((resolve) => void child.once('close', resolve))
  return { status, text }
}

describe('a command that is interrupted', () => {
  it('has the time to tidy up, also while it draws its progress', async () => {
    expect(await interrupted()).toEqual({ status: 3, text: 'tidied up' })
  })

  it('ends at once when it is asked again', async () => {
    expect(await interrupted('again')).toEqual({ status: 130, text: '' })
  })
})
