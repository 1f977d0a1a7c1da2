import type { WebContents, WebFrameMain } from 'electron'
import { describe, expect, it } from 'vitest'
import { OpError } from '../../core/kernel/errors.ts'
import { silentLogger } from '../../core/testing/silent-logger.ts'
import { type Asking, createAnswer, isOurPage } from './ipc-answer.ts'

const contents = (id: number) => ({ id }) as WebContents
const frame = (url: string, parent: WebFrameMain | null = null) => ({ url, parent }) as WebFrameMain
const page = frame('app://optrade/index.html')
const ours: Asking = { sender: contents(1), senderFrame: page }

describe('who is answered', () => {
  it.each([
    ['the page', ours, true],
    ['another window', { sender: contents(2), senderFrame: page }, false],
    ['a frame in the page', { sender: contents(1), senderFrame: frame('app://optrade/', page) }, false],
    ['a frame that is gone', { sender: contents(1), senderFrame: null }, false],
    ['another origin', { sender: contents(1), senderFrame: frame('https://optrade/') }, false],
    ['another host', { sender: contents(1), senderFrame: frame('app://optrade.example/') }, false],
  ] as const)('%s: %s', (_, asking, expected) => {
    expect(isOurPage(asking, contents(1))).toBe(expected)
    expect(isOurPage(asking, null)).toBe(false)
  })
})

describe('an answer', () => {
  const answer = createAnswer({ logger: () => silentLogger, isTrusted: (asking) => asking === ours })

  it('is an envelope with the value', async () => {
    expect(await answer('c', async (input) => ({ input }))(ours, 7)).toEqual({ ok: true, value: { input: 7 } })
  })

  it('is an envelope with what is wrong and what to do', async () => {
    const fail = async () => {
      throw new OpError('index_unknown', { index: 'DAX', known: 'NIFTY' })
    }
    const reply = await answer('c', fail)(ours, {})
    expect(reply).toMatchObject({ ok: false, error: { code: 'index_unknown', message: 'DAX is not one of NIFTY' } })
  })

  it('says of a fault that nobody foresaw what it is', async () => {
    const reply = await answer('c', () => Promise.reject(new Error('odd')))(ours, {})
    expect(reply).toMatchObject({ ok: false, error: { code: 'internal' } })
  })

  it('is refused to others without asking anybody', async () => {
    const asked: unknown[] = []
    const reply = await answer('c', async (input) => void asked.push(input))(
      { sender: contents(9), senderFrame: page },
      {},
    )
    expect(reply).toMatchObject({ ok: false, error: { code: 'sender_refused' } })
    expect(asked).toEqual([])
  })
})
