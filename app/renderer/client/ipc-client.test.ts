import { MessageChannel, type MessagePort as NodePort } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { ACKNOWLEDGED, type DesktopBridge, STREAM_ENDED } from '../../../core/contract/desktop-bridge.ts'
import { changedLegs, legRow, wholeChain } from '../../../core/testing/chain-messages.ts'
import { eventually } from '../../../core/testing/eventually.ts'
import { createIpcClient, type PortSource } from './ipc-client.ts'
import type { StreamListener } from './monitor-client.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A bridge whose main process the test plays: each stream is a port. */
function build(answers: Record<string, unknown> = {}) {
  const page = new EventTarget()
  const ports: NodePort[] = []
  const acknowledged: unknown[] = []
  const bridge = {
    calls: new Proxy({}, { get: (_, name) => async () => answers[String(name)] }),
    follow(id: string) {
      const { port1, port2 } = new MessageChannel()
      port1.on('message', (data) => void acknowledged.push(data))
      ports.push(port1)
      closing.push(() => port1.close())
      const other = new MessageEvent('message', { data: { optradeStream: 'of another' } })
      page.dispatchEvent(other)
      const event = new MessageEvent('message', { data: { optradeStream: id } })
      Object.defineProperty(event, 'ports', { value: [port2] })
      queueMicrotask(() => page.dispatchEvent(event))
    },
  } as unknown as DesktopBridge
  const waiting = new Map<() => void, number>()
  const after = (delayMs: number, run: () => void) => {
    waiting.set(run, delayMs)
    return () => void waiting.delete(run)
  }
  const pass = (least: number) => {
    for (const [run, delayMs] of [...waiting]) {
      if (delayMs < least || !waiting.delete(run)) continue
      run()
    }
  }
  const client = createIpcClient({ random: () => 0.5, after }, bridge, page as unknown as PortSource)
  const seen: string[] = []
  const listener: StreamListener = {
    onLink: (link) => void seen.push(link),
    onChain: (message) => void seen.push(`${message.full ? 'whole' : 'changed'} ${message.seq}`),
    onUnavailable: ({ code }) => void seen.push(code),
    onHealth: () => {},
    onAlert: () => {},
  }
  const follow = () => {
    const stop = client.follow(['chain:NIFTY:this_week'], listener)
    closing.push(stop)
    return stop
  }
  const send = (event: string, data: unknown) => ports.at(-1)?.postMessage({ event, data })
  return { client, ports, acknowledged, seen, follow, send, pass, waiting }
}

const whole = wholeChain([legRow(0, 1)])

describe('the monitor over IPC', () => {
  it('hands on what comes, and acknowledges each message once it is taken', async () => {
    const { follow, send, seen, acknowledged, ports } = build()
    follow()
    await eventually(() => expect(ports).toHaveLength(1))
    send('chain', whole)
    send('chain', changedLegs([legRow(0, 2)], 1))
    await eventually(() => expect(seen).toEqual(['connecting', 'live', 'whole 0', 'changed 1']))
    await eventually(() => expect(acknowledged).toEqual([ACKNOWLEDGED, ACKNOWLEDGED]))
  })

  it.each([
    [
      'it has missed something',
      (send: (event: string, data: unknown) => unknown) => send('chain', { ...whole, seq: 5 }),
    ],
    ['the stream ends', (send: (event: string, data: unknown) => unknown) => send(STREAM_ENDED, null)],
    ['nonsense comes', (send: (event: string, data: unknown) => unknown) => send('chain', 'nonsense')],
  ])('asks anew when %s', async (_, fail) => {
    const { follow, send, seen, pass, ports } = build()
    follow()
    await eventually(() => expect(ports).toHaveLength(1))
    send('chain', whole)
    await eventually(() => expect(seen.at(-1)).toBe('whole 0'))
    fail(send)
    await eventually(() => expect(seen.at(-1)).toBe('lost'))
    pass(0)
    await eventually(() => expect(ports).toHaveLength(2))
    send('chain', whole)
    await eventually(() => expect(seen.slice(-2)).toEqual(['live', 'whole 0']))
  })

  it('takes silence for a dead stream, also before its port has come', async () => {
    const { follow, seen, pass, waiting } = build()
    follow()
    await eventually(() => expect(waiting.size).toBe(1))
    pass(6_000)
    await eventually(() => expect(seen).toEqual(['connecting', 'lost']))
  })

  it('is quiet once it is told to stop, and leaves no timer', async () => {
    const { follow, send, seen, waiting, ports } = build()
    const stop = follow()
    await eventually(() => expect(ports).toHaveLength(1))
    send('chain', whole)
    await eventually(() => expect(seen).toContain('whole 0'))
    stop()
    await eventually(() => expect(waiting.size).toBe(0))
    expect(seen).toEqual(['connecting', 'live', 'whole 0'])
  })

  it('opens envelopes', async () => {
    const error = { code: 'universe_unknown', message: 'not yet', hint: 'wait' }
    const { client } = build({
      indices: { ok: true, value: { date: null, source: 'sim', indices: [] } },
      expiries: { ok: false, error },
    })
    expect(await client.ask('indices', {})).toEqual({ date: null, source: 'sim', indices: [] })
    await expect(client.ask('expiries', { index: 'NIFTY' })).rejects.toMatchObject(error)
  })
})
