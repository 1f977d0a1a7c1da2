import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createKiteClient } from './kite-client.ts'
import type { LimitClass } from './rate-limiter.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const CSV =
  'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange\n'

async function setup(respond: (response: ServerResponse) => void, first: string | null = 'token') {
  const requests: IncomingMessage[] = []
  const taken: LimitClass[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    respond(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  const login = { token: first }
  const limiter = {
    take: async (limit: LimitClass) => {
      taken.push(limit)
    },
  }
  const client = createKiteClient(
    { clock: createFakeClock(0), limiter, tokens: { apiKey: 'key', current: () => login.token } },
    { root: `http://127.0.0.1:${port}`, timeoutMs: 5_000, dumpTimeoutMs: 5_000 },
  )
  return { client, login, requests, taken }
}

const json = (value: unknown) => (response: ServerResponse) =>
  void response.writeHead(200, JSON_TYPE).end(JSON.stringify(value))

describe('the client of Kite’s REST calls', () => {
  it('asks nobody without a token', async () => {
    const { client, requests } = await setup(json({ data: {} }), null)
    await expect(client.profile()).rejects.toMatchObject({ code: 'login_required' })
    expect(requests).toEqual([])
  })

  it('sends the token of that moment, and waits for its turn by the kind of call', async () => {
    const { client, login, requests, taken } = await setup(json({ status: 'success', data: { value: 1 } }))
    expect(await client.profile()).toEqual({ value: 1 })
    login.token = 'next'
    expect(await client.lastPrices(['NSE:NIFTY 50', 'BSE:SENSEX'])).toEqual({ value: 1 })
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['token key:token', 'token key:next'])
    expect(new URL(requests[1]?.url ?? '', 'http://host').searchParams.getAll('i')).toEqual([
      'NSE:NIFTY 50',
      'BSE:SENSEX',
    ])
    expect(taken).toEqual(['rest', 'quote'])
  })

  it('takes wrong input in a request of credentials alone for a refused login, and not in another', async () => {
    const body = JSON.stringify({ status: 'error', error_type: 'InputException', message: 'Invalid `api_key`.' })
    const { client } = await setup((response) => void response.writeHead(400, JSON_TYPE).end(body))
    await expect(client.profile()).rejects.toMatchObject({ code: 'auth_expired' })
    await expect(client.lastPrices(['NSE:NIFTY 50'])).rejects.toMatchObject({ code: 'kite_input' })
  })

  it('refuses an answer without data', async () => {
    const { client } = await setup(json({ status: 'success' }))
    await expect(client.profile()).rejects.toMatchObject({ code: 'kite_data' })
  })

  it('follows nobody to another address with its token', async () => {
    const { client, requests } = await setup((response) => void response.writeHead(302, { location: '/other' }).end())
    await expect(client.profile()).rejects.toMatchObject({ code: 'exchange_unreachable' })
    expect(requests).toHaveLength(1)
  })

  it('gives the dump as it came, whatever its content type, and nothing else for a dump', async () => {
    for (const type of ['text/csv', 'text/csv; charset=utf-8', 'application/octet-stream']) {
      const { client } = await setup((response) => void response.writeHead(200, { 'content-type': type }).end(CSV))
      expect(await client.instruments('NFO')).toBe(CSV)
    }
    const { client } = await setup(json({ status: 'success', data: { value: 1 } }))
    await expect(client.instruments('NFO')).rejects.toMatchObject({ code: 'kite_data' })
  })

  it('lets no secret into an error', async () => {
    const body = JSON.stringify({ status: 'error', error_type: 'DataException', message: 'no token at key' })
    const { client } = await setup((response) => void response.writeHead(500, JSON_TYPE).end(body))
    await expect(client.profile()).rejects.toMatchObject({ message: expect.stringContaining('no *** at ***') })
  })
})
