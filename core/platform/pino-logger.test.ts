import { hostname } from 'node:os'
import { describe, expect, it } from 'vitest'
import { createPinoLogger, type LogOptions, type TappedLine } from './pino-logger.ts'

function createRig(change: Partial<LogOptions> = {}) {
  const lines: string[] = []
  const logger = createPinoLogger({
    level: 'debug',
    format: 'json',
    includeHostname: true,
    includePid: true,
    structured: true,
    omit: new Set(),
    service: 'optrade',
    secrets: new Set<string>(),
    write: (line) => lines.push(line),
    ...change,
  })
  const read = (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line))
  return { logger, lines, read }
}

describe('logger', () => {
  it('writes one line of JSON with the fields of the contract', () => {
    const { logger, lines, read } = createRig()
    logger.info('a batch', { index: 'NIFTY', bucket: 'this_week', duration_ms: 12.5, trace_id: 'abc' })
    expect(lines).toHaveLength(1)
    expect(lines[0]?.endsWith('\n')).toBe(true)
    expect(read()[0]).toEqual({
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      level: 'INFO',
      message: 'a batch',
      service: 'optrade',
      hostname: hostname(),
      pid: process.pid,
      index: 'NIFTY',
      bucket: 'this_week',
      duration_ms: 12.5,
      trace_id: 'abc',
    })
  })

  it('writes more or less from now on, children too', () => {
    const { logger, read } = createRig({ level: 'info' })
    const child = logger.child({ index: 'NIFTY' })
    child.debug('unheard')
    logger.setLevel('debug')
    child.debug('heard')
    logger.setLevel('error')
    logger.warning('unheard')
    expect(read().map(({ message }) => message)).toEqual(['heard'])
  })

  it('leaves host and process out when told to', () => {
    const { logger, read } = createRig({ includeHostname: false, includePid: false })
    logger.info('x')
    expect(Object.keys(read()[0] ?? {}).sort()).toEqual(['level', 'message', 'service', 'timestamp'])
  })

  it('leaves out fields that are not wanted, from children too', () => {
    const { logger, read } = createRig({ omit: new Set(['trace_id', 'user_id']) })
    logger.child({ trace_id: 'a' }).info('x', { user_id: 1, index: 'NIFTY' })
    expect(read()[0]).toMatchObject({ index: 'NIFTY' })
    expect(read()[0]).not.toHaveProperty('trace_id')
    expect(read()[0]).not.toHaveProperty('user_id')
  })

  it('writes the message alone when told to', () => {
    const { logger, read } = createRig({ structured: false })
    logger.child({ trace_id: 'a' }).info('x', { index: 'NIFTY' })
    expect(Object.keys(read()[0] ?? {}).sort()).toEqual(['hostname', 'level', 'message', 'pid', 'service', 'timestamp'])
  })

  it.each([
    ['debug', ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']],
    ['info', ['INFO', 'WARNING', 'ERROR', 'CRITICAL']],
    ['warning', ['WARNING', 'ERROR', 'CRITICAL']],
    ['error', ['ERROR', 'CRITICAL']],
    ['critical', ['CRITICAL']],
  ] as const)('at %s writes %j', (level, expected) => {
    const { logger, read } = createRig({ level })
    for (const name of ['debug', 'info', 'warning', 'error', 'critical'] as const) logger[name]('x')
    expect(read().map((line) => line.level)).toEqual(expected)
  })

  it('adds the fields of a child to each of its lines, and only to them', () => {
    const { logger, read } = createRig()
    const child = logger.child({ service: 'journal' }).child({ trace_id: 't' })
    child.info('below', { index: 'NIFTY' })
    logger.info('above')
    const [below, above] = read()
    expect(below).toMatchObject({ service: 'journal', trace_id: 't', index: 'NIFTY' })
    expect(above).toMatchObject({ service: 'optrade' })
    expect(above).not.toHaveProperty('trace_id')
  })

  it('does not write a field twice in one line', () => {
    const { logger, lines } = createRig()
    logger.child({ service: 'journal', trace_id: 'a' }).info('x', { trace_id: 'b' })
    expect(lines[0]?.match(/"service"/g)).toHaveLength(1)
    expect(lines[0]?.match(/"trace_id":"\w"/g)).toEqual(['"trace_id":"b"'])
  })

  it('writes what an Error says', () => {
    const { logger, read } = createRig()
    logger.error('it failed', { error: new TypeError('x is not a function'), code: 'internal' })
    logger.error('it failed', { error: 'as text' })
    expect(read().map(({ error, code }) => [error, code])).toEqual([
      ['x is not a function', 'internal'],
      ['as text', undefined],
    ])
  })

  it.each([
    ['plain', 'abcdef123456'],
    ['with quotes and backslashes', 'pa"ss\\word'],
    ['with characters of an address', 'a+b/c=&d e'],
    ['with a line break', 'two\nlines'],
  ])('never shows a secret: %s', (_, secret) => {
    const { logger, lines } = createRig({ secrets: new Set(['', 'log', secret]) })
    logger.info(`before ${secret} after`, {
      url: `http://x/?token=${encodeURIComponent(secret)}`,
      nested: { deep: [secret] },
    })
    logger.child({ key: secret }).error('failed', { error: new Error(`with ${secret}.`) })
    const text = lines.join('')
    expect(text).toContain('before (hidden) after')
    for (const spelling of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
      expect(text).not.toContain(spelling)
    }
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow()
  })

  it('hides what became a secret later, and leaves words alone that are too short for one', () => {
    const secrets = new Set(['log'])
    const { logger, lines } = createRig({ secrets })
    secrets.add('tomorrows-token')
    logger.info('log in with tomorrows-token')
    expect(lines.join('')).toContain('log in with (hidden)')
  })

  it('writes for people: time, level and message', () => {
    const { logger, lines } = createRig({ format: 'pretty', secrets: new Set(['hunter2']) })
    logger.warning('careful with hunter2', { index: 'NIFTY' })
    const text = lines.join('')
    expect(text).toMatch(/\d\d:\d\d:\d\d/)
    expect(text).toContain('WARNING')
    expect(text).toContain('careful with (hidden)')
    expect(text).toContain('NIFTY')
    expect(text).not.toContain('hunter2')
  })

  it.each(['json', 'pretty'] as const)('taps lines of format %s as their parts, secrets hidden', (format) => {
    const tapped: TappedLine[] = []
    const secrets = new Set(['hunter"22'])
    const { logger } = createRig({ format, level: 'info', secrets, tap: (line) => tapped.push(line) })
    logger.debug('not written, not tapped')
    const circle: Record<string, unknown> = {}
    circle.self = circle
    logger.child({ service: 'feed' }).warning('with hunter"22', {
      token: 'hunter"22',
      nested: { token: 'hunter"22' },
      count: 2,
      none: undefined,
      circle,
    })
    logger.error('failed', { error: new Error('by hunter"22') })
    expect(tapped).toEqual([
      {
        at: expect.any(Number),
        level: 'warning',
        message: 'with (hidden)',
        fields: {
          service: 'feed',
          token: '(hidden)',
          nested: '{"token":"(hidden)"}',
          count: '2',
          circle: '[object Object]',
        },
      },
      {
        at: expect.any(Number),
        level: 'error',
        message: 'failed',
        fields: { service: 'optrade', error: 'by (hidden)' },
      },
    ])
  })
})
