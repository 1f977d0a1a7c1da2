import { expect, it } from 'vitest'
import { lineText } from './log-text.ts'

it('writes a line as one line', () => {
  const line = {
    id: 1,
    timestamp: '2026-11-23T10:00:00.000+05:30',
    level: 'INFO',
    service: 'feed',
    message: 'lost\nit',
    fields: { code: 'x', reason: 'two words' },
  } as const
  expect(lineText(line)).toBe('2026-11-23T10:00:00.000+05:30 INFO     feed lost\\nit code=x reason="two words"')
})
