import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type AlertServer, alertSenderSuite, type ServerMood } from '../testing/alert-sender-suite.ts'
import { anAlert } from '../testing/alert-store-suite.ts'
import { createWebhookAlertSender } from './webhook-alert-sender.ts'

const SECRET = 'T0P-hook-key'
const STATUS: Readonly<Record<Exclude<ServerMood, 'hang'>, number>> = { take: 204, later: 500, never: 404 }

interface HookServer extends AlertServer {
  readonly url: string
  /** Answers with this instead of what the mood says. */
  status: number | null
}

async function openHook(): Promise<HookServer> {
  const taken: string[] = []
  let attempts = 0
  const http = createServer((request, response) => {
    attempts += 1
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      if (server.mood === 'hang') return
      const status = server.status ?? STATUS[server.mood]
      if (status < 300) taken.push(Buffer.concat(parts).toString())
      response.writeHead(status, { location: '/elsewhere' }).end('ok')
    })
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { port } = http.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/hook/${SECRET}`
  const server: HookServer = {
    url,
    status: null,
    mood: 'take',
    taken: () => taken,
    attempts: () => attempts,
    sender: (timeoutMs) => createWebhookAlertSender({ url, timeoutMs }),
    async close() {
      if (!http.listening) return
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
  return server
}

alertSenderSuite('webhook', {
  open: openHook,
  unconfigured: () => createWebhookAlertSender({ url: null }),
  secret: SECRET,
})

describe('alert sender: webhook', () => {
  it('posts the alert as JSON that chat services show, without what is ours alone', async () => {
    const server = await openHook()
    await server.sender(10_000).send(anAlert('a-1'), new AbortController().signal)
    const { deliveries: _, acknowledged_at: __, ...alert } = anAlert('a-1')
    expect(JSON.parse(server.taken()[0] ?? '')).toEqual({
      event: 'alert',
      text: 'Spot above: NIFTY spot 24,060.00 rose above 24,000.00',
      ...alert,
    })
    await server.close()
  })

  it.each([
    [302, 'alert_refused'],
    [401, 'alert_refused'],
    [429, 'alert_undelivered'],
    [503, 'alert_undelivered'],
  ])('takes status %i for %s, and follows no redirect', async (status, code) => {
    const server = await openHook()
    server.status = status
    const sending = server.sender(10_000).send(anAlert('a-1'), new AbortController().signal)
    await expect(sending).rejects.toMatchObject({
      code,
      details: { reason: `the server answered with status ${status}` },
    })
    expect(server.attempts()).toBe(1)
    await server.close()
  })
})
