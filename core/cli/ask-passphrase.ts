import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { OpError } from '../kernel/errors.ts'

/** What is typed at a terminal without being shown; otherwise the first line of standard input. */
export async function askPassphrase(question: string): Promise<string> {
  const passphrase = process.stdin.isTTY ? await askHidden(question) : await firstLine()
  if (passphrase === '') throw new OpError('usage', { reason: 'a passphrase is needed, typed or on standard input' })
  return passphrase
}

/** Asks a person twice. */
export async function askNewPassphrase(): Promise<string> {
  const passphrase = await askPassphrase('New recovery passphrase: ')
  if (process.stdin.isTTY && (await askHidden('The same again: ')) !== passphrase)
    throw new OpError('usage', { reason: 'the two are not the same; nothing was changed' })
  return passphrase
}

async function askHidden(question: string): Promise<string> {
  process.stderr.write(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 })
  const cancelled = new AbortController()
  lines.on('SIGINT', () => cancelled.abort(new OpError('usage', { reason: 'cancelled; nothing was changed' })))
  try {
    return await lines.question('', { signal: cancelled.signal })
  } catch (fault) {
    throw cancelled.signal.aborted ? cancelled.signal.reason : fault
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

async function firstLine(): Promise<string> {
  const [line = ''] = (await text(process.stdin)).split(/\r?\n/)
  return line
}
