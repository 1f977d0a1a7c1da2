import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import type { LogFields } from '../kernel/logger.ts'
import { eventually } from '../testing/eventually.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { silentLogger } from '../testing/silent-logger.ts'
import { createRateLimiter } from './rate-limiter.ts'
import { createKiteReference } from './rest.ts'

const SHARED = new URL('../../../shared/data/', import.meta.url)
const TOKEN = 'very-secret-token'
const HEADER =
  'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange'
const CALL = '12683010,49543,NIFTY26NOV24300CE,NIFTY,0.0,2026-11-24,24300.0,0.05,65,CE,NFO-OPT,NFO'
const FUTURE = '14866434,58072,NIFTY26NOVFUT,NIFTY,0.0,2026-11-24,0.0,0.1,65,FUT,NFO-FUT,NFO'
const CSV = { 'content-type': 'text/csv' }
const JSON_TYPE = { 'content-type': 'application/json' }

type Respond = (response: ServerResponse, request: IncomingMessage) => void

const servers: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
})

async function serve(respond: Respond) {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    respond(response, request)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  servers.push({ stop })
  return { root: `http://127.0.0.1:${port}`, requests, stop }
}

async function setup(respond: Respond, token: string | null = TOKEN) {
  const server = await serve(respond)
  const clock = createFakeClock(0)
  const warnings: LogFields[] = []
  const logger = { ...silentLogger, warning: (_: string, fields: LogFields = {}) => void warnings.push(fields) }
  const login = { token }
  const reference = createKiteReference(
    { clock, logger, limiter: createRateLimiter({ clock }), tokens: { apiKey: 'key', current: () => login.token } },
    { root: server.root, timeoutMs: 500, dumpTimeoutMs: 500 },
  )
  return { ...server, clock, warnings, login, reference }
}

const reply =
  (status: number, headers: Record<string, string>, body: string | Buffer): Respond =>
  (response) =>
    response.writeHead(status, headers).end(body)
const data = (value: unknown) => reply(200, JSON_TYPE, JSON.stringify({ status: 'success', data: value }))
const fault = (status: number, type: string, message = 'no') =>
  reply(status, JSON_TYPE, JSON.stringify({ status: 'error', message, error_type: type, data: null }))

describe('profile', () => {
  it('says whose session it is', async () => {
    const { reference, requests } = await setup(data({ user_id: 'AB1234', user_name: 'A B', meta: {} }))
    expect(await reference.profile()).toEqual({ userId: 'AB1234', userName: 'A B' })
    expect(requests[0]?.headers).toMatchObject({ authorization: `token key:${TOKEN}`, 'x-kite-version': '3' })
  })

  it('uses the token of the moment for each request', async () => {
    const { reference, requests, login, clock } = await setup(data({ user_id: 'AB1234', user_name: 'A B' }))
    await reference.profile()
    login.token = 'next'
    const second = reference.profile()
    clock.advance(1_000)
    await second
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([`token key:${TOKEN}`, 'token key:next'])
  })

  it('asks for a login when there is no token, without asking Kite', async () => {
    const { reference, requests } = await setup(data({}), null)
    await expect(reference.profile()).rejects.toMatchObject({ code: 'login_required' })
    expect(requests).toEqual([])
  })

  const faults: [string, Respond, string][] = [
    ['a dead token', fault(403, 'TokenException'), 'auth_expired'],
    ['bad credentials', fault(400, 'InputException'), 'auth_expired'],
    ['a missing subscription', fault(403, 'PermissionException'), 'kite_permission'],
    ['too many requests', fault(429, 'NetworkException'), 'rate_limited'],
    ['too many requests, in HTML', reply(429, { 'content-type': 'text/html' }, '<h1>slow down</h1>'), 'rate_limited'],
    ['a broken gateway, in HTML', reply(502, { 'content-type': 'text/html' }, '<h1>bad</h1>'), 'exchange_unreachable'],
    ['an API that is down', fault(503, 'NetworkException'), 'exchange_unreachable'],
    ['a broker that is down', fault(502, 'DataException'), 'kite_data'],
    ['a fault of the broker', fault(500, 'GeneralException'), 'kite_data'],
    ['a fault of a kind that is not known', fault(500, 'NewException'), 'kite_data'],
    ['a fault with status 200', fault(200, 'TokenException'), 'auth_expired'],
    ['HTML with status 200', reply(200, { 'content-type': 'text/html' }, '<html>'), 'kite_data'],
    ['HTML that claims to be JSON', reply(200, JSON_TYPE, '<html>'), 'kite_data'],
    ['broken JSON', reply(200, JSON_TYPE, '{"status":"succ'), 'kite_data'],
    ['no data', reply(200, JSON_TYPE, '{"status":"success"}'), 'kite_data'],
    ['null', reply(200, JSON_TYPE, 'null'), 'kite_data'],
    ['an empty answer', reply(200, JSON_TYPE, ''), 'kite_data'],
    ['another shape', data({ user_id: 7 }), 'kite_data'],
    ['data that is null', data(null), 'kite_data'],
    ['a cut connection', (response) => response.destroy(), 'exchange_unreachable'],
    ['silence', () => {}, 'exchange_unreachable'],
  ]
  it.each(faults)('refuses %s', async (_, respond, code) => {
    const { reference } = await setup(respond)
    await expect(reference.profile()).rejects.toMatchObject({ name: 'OpError', code })
  })

  it('follows no redirection, which would carry the token elsewhere', async () => {
    const other = await serve(data({ user_id: 'AB1234', user_name: 'A B' }))
    const { reference } = await setup(reply(302, { location: `${other.root}/` }, ''))
    await expect(reference.profile()).rejects.toMatchObject({ code: 'exchange_unreachable' })
    expect(other.requests).toEqual([])
  })

  it('says what came instead of data', async () => {
    const html = await setup(reply(200, { 'content-type': 'text/html' }, '<html>maintenance'))
    await expect(html.reference.profile()).rejects.toThrow('text/html')
    const nothing = await setup(reply(200, JSON_TYPE, '{"status":"success"}'))
    await expect(nothing.reference.profile()).rejects.toThrow('holds no data')
  })

  it('says why the server was not reached', async () => {
    const { reference, root, stop } = await setup(data({}))
    await stop()
    await expect(reference.profile()).rejects.toThrow(`${root.slice(7)} does not answer: ECONNREFUSED`)
  })

  it('does not wait for an answer that comes in drops', async () => {
    let drops: NodeJS.Timeout | undefined
    const { reference, clock, requests } = await setup((response) => {
      response.writeHead(200, JSON_TYPE)
      drops = setInterval(() => response.write(' '), 20)
    })
    const asked = reference.profile()
    const refused = expect(asked).rejects.toThrow('no answer in 500 ms')
    await eventually(() => expect(requests).toHaveLength(1))
    clock.advance(500)
    await refused
    clearInterval(drops)
  })

  it('keeps the token out of errors', async () => {
    const { reference } = await setup(fault(500, 'GeneralException', `token key:${TOKEN} is odd`))
    const error: unknown = await reference.profile().catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'kite_data', details: { reason: 'token ***:*** is odd' } })
    expect((error as Error).cause).toBeUndefined()
  })
})

describe('lastPrices', () => {
  it('leaves out what Kite does not know or has no price for', async () => {
    const { reference, requests } = await setup(
      data({
        'NSE:NIFTY 50': { instrument_token: 256265, last_price: 24_300.5 },
        'NFO:NEVER': { instrument_token: 12683010, last_price: 0 },
        'NFO:ODD': { instrument_token: 'x', last_price: 1 },
      }),
    )
    const prices = await reference.lastPrices(['NSE:NIFTY 50', 'NFO:NEVER', 'NFO:ODD', 'NFO:GONE'])
    expect([...prices]).toEqual([['NSE:NIFTY 50', { token: 256265, lastPrice: 24_300.5 }]])
    const asked = new URL(requests[0]?.url ?? '', 'http://localhost').searchParams.getAll('i')
    expect(asked).toEqual(['NSE:NIFTY 50', 'NFO:NEVER', 'NFO:ODD', 'NFO:GONE'])
  })

  it('asks for nothing without keys', async () => {
    const { reference, requests } = await setup(data({}))
    expect([...(await reference.lastPrices([]))]).toEqual([])
    expect(requests).toEqual([])
  })

  it('asks for at most 1000 keys at once, once a second', async () => {
    const { reference, requests, clock } = await setup(data({}))
    const asked = reference.lastPrices(Array.from({ length: 1_001 }, (_, i) => `K${i}`))
    await eventually(() => expect(requests).toHaveLength(1))
    await eventually(() => {
      clock.advance(100)
      expect(requests).toHaveLength(2)
    })
    await asked
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(1_000)
    expect(requests.map(({ url }) => new URL(url ?? '', 'http://localhost').searchParams.getAll('i').length)).toEqual([
      1_000, 1,
    ])
  })

  it('refuses wrong symbols as wrong input', async () => {
    const { reference } = await setup(fault(400, 'InputException', 'Invalid instrument'))
    await expect(reference.lastPrices(['X'])).rejects.toMatchObject({ code: 'kite_input' })
  })

  it('refuses an answer that is a list', async () => {
    const { reference } = await setup(data([1]))
    await expect(reference.lastPrices(['X'])).rejects.toMatchObject({ code: 'kite_data' })
  })
})

describe('instruments', () => {
  const body = `${HEADER}\n${CALL}\n${FUTURE}\n`
  const headers: [string, Record<string, string>, Buffer | string][] = [
    ['text/csv', CSV, body],
    ['a charset', { 'content-type': 'text/csv; charset=utf-8' }, body],
    ['octet-stream', { 'content-type': 'application/octet-stream' }, body],
    ['no content type', {}, body],
    ['gzip', { ...CSV, 'content-encoding': 'gzip' }, gzipSync(body)],
  ]
  it.each(headers)('are read from %s', async (_, contentHeaders, content) => {
    const { reference, requests, warnings } = await setup(reply(200, contentHeaders, content))
    const dump = await reference.instruments('NFO')
    expect(requests[0]?.url?.split('?')[0]).toBe('/instruments/NFO')
    expect(warnings).toEqual([])
    expect(dump.sha256).toBe(createHash('sha256').update(body).digest('hex'))
    expect(dump.instruments).toEqual([
      {
        token: 12683010,
        exchange: 'NFO',
        symbol: 'NIFTY26NOV24300CE',
        name: 'NIFTY',
        expiry: '2026-11-24',
        strike: 24300,
        tickSize: 0.05,
        lotSize: 65,
        type: 'CE',
        segment: 'NFO-OPT',
      },
      expect.objectContaining({ symbol: 'NIFTY26NOVFUT', type: 'FUT', strike: 0 }),
    ])
  })

  const badRows: [string, string][] = [
    ['no token', CALL.replace('12683010', '')],
    ['a negative token', CALL.replace('12683010', '-5')],
    ['a token of more than 32 bits', CALL.replace('12683010', '4294967296')],
    ['no symbol', CALL.replace('NIFTY26NOV24300CE', '')],
    ['another exchange', CALL.replace(/NFO$/, 'BFO')],
    ['an unknown type', CALL.replace(',CE,', ',XX,')],
    ['a strike that is no number', CALL.replace('24300.0', 'nan')],
    ['an option without a strike', CALL.replace('24300.0', '0.0')],
    ['a day that does not exist', CALL.replace('2026-11-24', '2026-11-31')],
    ['a date in another form', CALL.replace('2026-11-24', '24-11-2026')],
    ['an option without an expiry', CALL.replace('2026-11-24', '')],
    ['an option without a lot', CALL.replace(',65,', ',0,')],
    ['a cut row', CALL.slice(0, 40)],
  ]
  it.each(badRows)('leave out a row with %s, and say so', async (_, row) => {
    const { reference, warnings } = await setup(reply(200, CSV, `${HEADER}\n${row}\n\n${FUTURE}`))
    const dump = await reference.instruments('NFO')
    expect(dump.instruments.map(({ symbol }) => symbol)).toEqual(['NIFTY26NOVFUT'])
    expect(warnings).toEqual([{ exchange: 'NFO', rows: 1 }])
  })

  it('may have their columns in another order, and new ones', async () => {
    const columns = (row: string) =>
      [...row.split(',').slice(0, 1), 'new', ...row.split(',').slice(1).reverse()].join(',')
    const { reference } = await setup(reply(200, CSV, `${columns(HEADER)}\r\n${columns(FUTURE)}\r\n`))
    const { instruments } = await reference.instruments('NFO')
    expect(instruments[0]).toMatchObject({ token: 14866434, expiry: '2026-11-24', lotSize: 65, segment: 'NFO-FUT' })
  })

  it('of a cash exchange have neither expiry nor strike', async () => {
    const index = '256265,1001,NIFTY 50,NIFTY 50,0.0,,0.0,0.0,0,EQ,INDICES,NSE'
    const quoted = '408065,1594,INFY,"INFOSYS, THE ""BIG"" ONE",0.0,,0.0,0.05,1,EQ,NSE,NSE'
    const { reference } = await setup(reply(200, CSV, `${HEADER}\n${index}\n${quoted}\n`))
    const { instruments } = await reference.instruments('NSE')
    expect(instruments.map(({ symbol, name, expiry }) => [symbol, name, expiry])).toEqual([
      ['NIFTY 50', 'NIFTY 50', null],
      ['INFY', 'INFOSYS, THE "BIG" ONE', null],
    ])
  })

  const refusals: [string, Respond, string][] = [
    ['a dump without rows', reply(200, CSV, `${HEADER}\n`), 'instruments_empty'],
    ['a dump of bad rows', reply(200, CSV, `${HEADER}\na,b\nc,d\n`), 'instruments_empty'],
    ['a dump without a needed column', reply(200, CSV, 'instrument_token,tradingsymbol\n1,A\n'), 'kite_data'],
    ['an empty body', reply(200, CSV, ''), 'kite_data'],
    ['HTML with status 200', reply(200, { 'content-type': 'text/html' }, '<html>'), 'kite_data'],
    ['HTML that claims to be CSV', reply(200, CSV, '<html>'), 'kite_data'],
    ['JSON with status 200', data({}), 'kite_data'],
    ['a dead token', fault(403, 'TokenException'), 'auth_expired'],
    ['too many requests', reply(429, { 'content-type': 'text/html' }, ''), 'rate_limited'],
    [
      'a body that was cut',
      (response) => {
        response.writeHead(200, { ...CSV, 'content-length': '1000' })
        response.write(`${HEADER}\n${CALL}\n`, () => response.destroy())
      },
      'exchange_unreachable',
    ],
  ]
  it.each(refusals)('refuse %s', async (_, respond, code) => {
    const { reference } = await setup(respond)
    await expect(reference.instruments('NFO')).rejects.toMatchObject({ name: 'OpError', code })
  })

  it('survive a quotation mark that is never closed', async () => {
    const rows = Array.from({ length: 500 }, () => FUTURE).join('\n')
    const { reference, warnings } = await setup(
      reply(200, CSV, `${HEADER}\n${CALL}\n${CALL.replace('NIFTY,', '"NIFTY,')}\n${rows}\n`),
    )
    const { instruments } = await reference.instruments('NFO')
    expect(instruments).toHaveLength(501)
    expect(warnings).toEqual([{ exchange: 'NFO', rows: 1 }])
  })
})

describe('the time zone of the machine', () => {
  const script = `
    import { createKiteReference } from ${JSON.stringify(new URL('rest.ts', import.meta.url).href)}
    const clock = { monotonicMs: () => performance.now(), after: () => () => {} }
    const limiter = { take: async () => {} }
    const tokens = { apiKey: 'key', current: () => 'token' }
    const reference = createKiteReference({ clock, limiter, tokens, logger: console }, { root: process.argv[1] })
    const { instruments } = await reference.instruments('NFO')
    const { lastPrice } = (await reference.lastPrices(['K'])).get('K')
    console.log(JSON.stringify([new Date(2026, 0, 1).getTimezoneOffset(), instruments[0].expiry, lastPrice]))
  `
  it.each([
    ['America/New_York', 300],
    ['UTC', 0],
    ['Asia/Kolkata', -330],
  ])('does not matter: %s', async (zone, offset) => {
    const price = { instrument_token: 1, last_price: 5, timestamp: '2026-11-23 15:45:56' }
    const { root } = await serve((response, request) => {
      if (request.url?.startsWith('/instruments')) reply(200, CSV, `${HEADER}\n${CALL}\n`)(response, request)
      else data({ K: price })(response, request)
    })
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--disable-warning=ExperimentalWarning', '--eval', script, root],
      { env: { ...process.env, TZ: zone } },
    )
    expect(JSON.parse(stdout)).toEqual([offset, '2026-11-24', 5])
  })
})

describe.skipIf(!existsSync(SHARED))('recorded answers of Kite (skipped without ../shared/data)', () => {
  const mock = (name: string) => readFileSync(new URL(`kite-mocks/${name}`, SHARED))

  it('profile and last prices', async () => {
    const profile = await setup(reply(200, JSON_TYPE, mock('profile.json')))
    expect(await profile.reference.profile()).toEqual({ userId: 'AB1234', userName: 'AxAx Bxx' })
    const ltp = await setup(reply(200, JSON_TYPE, mock('ltp.json')))
    const prices = await ltp.reference.lastPrices(['NSE:INFY'])
    expect(prices.get('NSE:INFY')).toEqual({ token: 408065, lastPrice: 1074.35 })
  })

  it.each([
    ['NFO', 34_764],
    ['BFO', 4_258],
  ] as const)('the whole dump of %s', async (exchange, rows) => {
    const compressed = readFileSync(new URL(`kite-instruments-2026-08-18/${exchange}.csv.gz`, SHARED))
    const { reference, warnings } = await setup(reply(200, { ...CSV, 'content-encoding': 'gzip' }, compressed))
    const { instruments, sha256 } = await reference.instruments(exchange)
    expect([instruments.length, warnings]).toEqual([rows, []])
    expect(sha256).toBe(createHash('sha256').update(gunzipSync(compressed)).digest('hex'))
    expect(instruments.every(({ token }) => (token & 0xff) === (exchange === 'NFO' ? 2 : 5))).toBe(true)
  })
})
