import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { eventually } from '../testing/eventually.ts'
import { openSocket, START_MS, startExchange } from '../testing/exchange-harness.ts'
import type { Exchange } from './exchange.ts'

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

async function call(exchange: Exchange, path: string, init: RequestInit = {}): Promise<Answer> {
  const authorization = `token ${exchange.apiKey}:${exchange.accessToken()}`
  const reply = await fetch(exchange.origin + path, { redirect: 'manual', headers: { authorization }, ...init })
  const text = await reply.text()
  const json = reply.headers.get('content-type') === 'application/json'
  return { status: reply.status, headers: reply.headers, body: json ? JSON.parse(text) : text }
}

/** Status of a raw request; fetch can set neither Host nor a broken request line. */
function rawStatus(exchange: Exchange, host: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const { port } = exchange
    const sent = httpRequest({ host: '127.0.0.1', port, path, headers: { host } }, (reply) => {
      reply.resume()
      resolve(reply.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end()
  })
}

const error = (error_type: string) => ({ status: 'error', message: expect.any(String), data: null, error_type })

describe('the REST server', () => {
  it('says on every reply that it is simulated, and tells the real date', async () => {
    const { exchange } = await startExchange()
    for (const path of ['/user/profile', '/instruments/NFO', '/nothing', '/sim/clock', '/connect/finish']) {
      const { headers } = await call(exchange, path)
      expect(headers.get('x-op-simulated')).toBe('1')
      expect(Math.abs(Date.parse(headers.get('date') ?? '') - Date.now())).toBeLessThan(60_000)
    }
  })

  it('answers errors in the envelope and with the codes of Kite', async () => {
    const { exchange } = await startExchange()
    const cases: [string, RequestInit, number, string][] = [
      ['/nothing', {}, 404, 'GeneralException'],
      ['/user/profile', { method: 'POST' }, 405, 'GeneralException'],
      ['/user/profile', { headers: {} }, 400, 'InputException'],
      ['/user/profile', { headers: { authorization: 'Bearer x' } }, 400, 'InputException'],
      ['/user/profile', { headers: { authorization: 'token other:token' } }, 400, 'InputException'],
      ['/user/profile', { headers: { authorization: 'token sim_key:wrong' } }, 403, 'TokenException'],
      ['/user/margins/crypto', {}, 400, 'InputException'],
      ['/instruments/NASDAQ', {}, 400, 'InputException'],
      ['/instruments/historical/abc/minute?from=2026-11-23&to=2026-11-23', {}, 400, 'InputException'],
      ['/instruments/historical/1/year?from=2026-11-23&to=2026-11-23', {}, 400, 'InputException'],
      ['/quote', {}, 400, 'InputException'],
      ['/session/token', { method: 'POST' }, 400, 'InputException'],
      ['/session/token?api_key=sim_key&access_token=wrong', { method: 'DELETE' }, 403, 'TokenException'],
      ['/connect/login?v=3&api_key=other', {}, 400, 'InputException'],
    ]
    for (const [path, init, status, type] of cases)
      expect({ path, ...(await call(exchange, path, init)) }).toMatchObject({ path, status, body: error(type) })
  })

  it('refuses more than 500 quotes', async () => {
    const { exchange } = await startExchange()
    const query = Array.from({ length: 501 }, (_, i) => `i=NFO:X${i}`).join('&')
    expect(await call(exchange, `/quote?${query}`)).toMatchObject({ status: 400, body: error('InputException') })
  })

  it('answers 429 beyond the limit of each class, and recovers', async () => {
    const { exchange } = await startExchange()
    const burst = async (path: string, count: number) => {
      const answers = await Promise.all(Array.from({ length: count }, () => call(exchange, path)))
      const refused = answers.filter((one) => one.status === 429)
      for (const one of refused)
        expect(one.body).toEqual({ ...error('NetworkException'), message: 'Too many requests' })
      return count - refused.length
    }
    expect(await burst('/quote/ltp?i=NSE:NIFTY+50', 3)).toBe(1)
    expect(await burst('/instruments/historical/1/day?from=2026-11-23&to=2026-11-23', 6)).toBe(3)
    expect(await burst('/user/profile', 15)).toBe(10)
    await eventually(async () => expect((await call(exchange, '/quote?i=NSE:NIFTY+50')).status).toBe(200))
  })

  it('serves instruments as exactly text/csv, compressed for those who can read it', async () => {
    const { exchange } = await startExchange()
    const authorization = `token sim_key:${exchange.accessToken()}`
    const plain = await call(exchange, '/instruments/NFO', {
      headers: { authorization, 'accept-encoding': 'identity' },
    })
    expect(plain.headers.get('content-type')).toBe('text/csv')
    expect(plain.headers.get('content-encoding')).toBeNull()
    const packed = await new Promise<Buffer>((resolve, reject) => {
      const headers = { authorization, 'accept-encoding': 'gzip' }
      httpRequest(
        { port: exchange.port, host: '127.0.0.1', path: '/instruments/NFO?exchange=NFO', headers },
        (reply) => {
          expect(reply.headers['content-encoding']).toBe('gzip')
          expect(reply.headers['content-type']).toBe('text/csv')
          const chunks: Uint8Array[] = []
          reply.on('data', (chunk: Buffer) => chunks.push(chunk))
          reply.on('end', () => resolve(Buffer.concat(chunks)))
        },
      )
        .on('error', reject)
        .end()
    })
    expect(gunzipSync(packed).toString()).toBe(plain.body)
    const header = (await call(exchange, '/instruments/MCX')).body
    expect(header).toBe(`${String(plain.body).split('\n')[0]}\n`)
  })

  it('redirects a login to the registered address with what Kite says and what the client asked for', async () => {
    const { exchange } = await startExchange({ redirectUrl: 'http://127.0.0.1:8765/kite?keep=1' })
    const asked = encodeURIComponent('state=a b&status=forged&action=x')
    const { status, headers } = await call(exchange, `/connect/login?v=3&api_key=sim_key&redirect_params=${asked}`)
    expect(status).toBe(302)
    const target = new URL(headers.get('location') ?? '')
    expect(target.origin + target.pathname).toBe('http://127.0.0.1:8765/kite')
    expect(Object.fromEntries(target.searchParams)).toEqual({
      keep: '1',
      action: 'login',
      status: 'success',
      request_token: expect.stringMatching(/^\w{32}$/),
      state: 'a b',
    })
  })

  it('shows the request token on its own page, and nothing that is not one', async () => {
    const { exchange } = await startExchange()
    const { headers } = await call(exchange, '/connect/login?v=3&api_key=sim_key')
    const target = new URL(headers.get('location') ?? '')
    expect(target.origin).toBe(exchange.origin)
    const page = await call(exchange, target.pathname + target.search)
    expect(page.body).toContain(target.searchParams.get('request_token'))
    const forged = await call(exchange, '/connect/finish?request_token=%3Cscript%3E')
    expect(forged.body).not.toContain('<script>')
    expect(forged.body).toContain('no request token')
  })

  it('tells its clock and its counts without a session', async () => {
    const { exchange } = await startExchange({ speed: 60 })
    const { body } = await call(exchange, '/sim/clock', { headers: {} })
    expect(body).toEqual({ simulated: true, at: expect.any(Number), speed: 60, seed: 7, kind: 'simulated', file: null })
    expect(body).toHaveProperty(
      'at',
      expect.toSatisfy((at: number) => at >= START_MS && at <= exchange.marketNow()),
    )
    expect((await call(exchange, '/sim/counts', { headers: {} })).body).toEqual({ ...exchange.counts() })
  })

  it('serves only requests that name it exactly', async () => {
    const { exchange } = await startExchange()
    const { port } = exchange
    expect(await rawStatus(exchange, `127.0.0.1:${port}`, '/sim/clock')).toBe(200)
    expect(await rawStatus(exchange, `localhost:${port}`, '/sim/clock')).toBe(200)
    for (const host of [`evil.example:${port}`, '127.0.0.1', `127.0.0.1:${port + 1}`, `127.0.0.1.evil:${port}`])
      expect(await rawStatus(exchange, host, '/sim/clock')).toBe(403)
    expect(await openSocket(exchange, { headers: { host: `evil.example:${port}` } })).toBe(403)
  })

  it('listens on the loopback address only', async () => {
    const { exchange } = await startExchange()
    const refused = await new Promise((resolve) => {
      const probe = connect({ host: '127.0.0.2', port: exchange.port })
      probe.on('connect', () => resolve(false))
      probe.on('error', () => resolve(true))
      probe.on('close', () => probe.destroy())
    })
    expect(refused).toBe(true)
  })

  it('survives a body that is too large, a broken address and a client that leaves', async () => {
    const { exchange } = await startExchange()
    const large = await call(exchange, '/session/token', { method: 'POST', body: 'a'.repeat(70_000) })
    expect(large).toMatchObject({ status: 400, body: error('InputException') })
    expect(await rawStatus(exchange, `127.0.0.1:${exchange.port}`, '//')).toBe(404)
    const leaver = connect({ host: '127.0.0.1', port: exchange.port })
    leaver.on('error', () => {})
    leaver.end('POST /session/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\n\r\nabc')
    await eventually(async () => expect((await call(exchange, '/sim/clock')).status).toBe(200))
  })

  it('answers scripted faults on the API and nowhere else', async () => {
    const { exchange } = await startExchange({ fault: 'http 429 for 3s' })
    expect(await call(exchange, '/user/profile')).toMatchObject({ status: 429, body: error('NetworkException') })
    expect((await call(exchange, '/sim/clock')).status).toBe(200)
    await eventually(async () => expect((await call(exchange, '/user/profile')).status).toBe(200))
    const { exchange: other } = await startExchange({ fault: 'http html 502' })
    const page = await call(other, '/user/profile')
    expect(page.status).toBe(502)
    expect(page.body).toContain('<html>')
  })

  it('says which port is taken, and refuses wrong options', async () => {
    const { exchange } = await startExchange()
    await expect(startExchange({ port: exchange.port })).rejects.toMatchObject({ code: 'port_taken' })
    await expect(startExchange({ fault: 'nonsense' })).rejects.toMatchObject({ code: 'usage' })
    await expect(startExchange({ redirectUrl: 'javascript:1' })).rejects.toMatchObject({ code: 'usage' })
  })

  it('stops any number of times, before a start too', async () => {
    const { exchange } = await startExchange()
    await Promise.all([exchange.stop(), exchange.stop()])
    await expect(fetch(`${exchange.origin}/sim/clock`)).rejects.toThrow()
  })
})
