import { describe, expect, it } from 'vitest'
import { logQuerySchema } from '../contract/operations.ts'
import { istInstant } from '../domain/ist.ts'
import type { TappedLine } from '../platform/pino-logger.ts'
import { createLogMemory } from './log-memory.ts'

const AT = istInstant('2026-11-23', '10:00')
const line = (message: string, more: Partial<TappedLine> = {}): TappedLine => ({
  at: AT,
  level: 'info',
  message,
  fields: { service: 'feed' },
  ...more,
})

function remember(lines: readonly TappedLine[], kept?: number) {
  const memory = createLogMemory(kept)
  for (const one of lines) memory.add(one)
  const read = (query: object = {}) => memory.read(logQuerySchema.parse(query))
  const messages = (query?: object) => read(query).lines.map(({ message }) => message)
  return { memory, read, messages }
}

describe('log memory', () => {
  it('gives lines oldest first, with service and fields apart', () => {
    const { read } = remember([line('one', { fields: { service: 'feed', code: 'x' } }), line('two')])
    expect(read()).toEqual({
      lines: [
        {
          id: 1,
          timestamp: '2026-11-23T10:00:00.000+05:30',
          level: 'INFO',
          service: 'feed',
          message: 'one',
          fields: { code: 'x' },
        },
        expect.objectContaining({ id: 2, message: 'two', fields: {} }),
      ],
      dropped: 0,
    })
  })

  it('keeps the newest lines only, and says how many are gone', () => {
    const { read, messages } = remember(
      ['a', 'b', 'c', 'd', 'e'].map((text) => line(text)),
      3,
    )
    expect(messages()).toEqual(['c', 'd', 'e'])
    expect(read().dropped).toBe(2)
  })

  it('keeps a quarter of the lines while memory is short', () => {
    const { memory, messages, read } = remember(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((text) => line(text)),
      8,
    )
    memory.spare(true)
    expect(messages()).toEqual(['g', 'h'])
    memory.add(line('i'))
    expect(messages()).toEqual(['h', 'i'])
    memory.spare(false)
    memory.add(line('j'))
    expect(messages()).toEqual(['h', 'i', 'j'])
    expect(read().dropped).toBe(7)
  })

  it('gives what comes after a line, and of too many the newest', () => {
    const { messages } = remember(['a', 'b', 'c', 'd'].map((text) => line(text)))
    expect(messages({ after: 2 })).toEqual(['c', 'd'])
    expect(messages({ limit: 1 })).toEqual(['d'])
    expect(messages({ after: 4 })).toEqual([])
  })

  it('leaves out lower levels', () => {
    const levels = ['debug', 'info', 'warning', 'error', 'critical'] as const
    const { messages } = remember(levels.map((level) => line(level, { level })))
    expect(messages()).toEqual(['info', 'warning', 'error', 'critical'])
    expect(messages({ level: 'DEBUG' })).toHaveLength(5)
    expect(messages({ level: 'ERROR' })).toEqual(['error', 'critical'])
  })

  it.each([
    ['the message', 'TICKER'],
    ['the service', 'kite'],
    ['the name of a field', 'trace'],
    ['the value of a field', 'AB12'],
  ])('finds a text in %s, in any case', (_, text) => {
    const found = line('lost the ticker', { fields: { service: 'kite', trace_id: 'ab12' } })
    const { messages } = remember([line('something else'), found])
    expect(messages({ text })).toEqual(['lost the ticker'])
  })

  it('shortens what is too long', () => {
    const { read } = remember([line('x'.repeat(10_000), { fields: { error: 'y'.repeat(10_000) } })])
    const [kept] = read().lines
    expect(kept?.message.length).toBeLessThan(4_100)
    expect(kept?.fields.error?.length).toBeLessThan(4_100)
  })
})
