import { describe, expect, it } from 'vitest'
import { ERRORS, type ErrorSpec } from './error-table.ts'
import { OpError, toOpError } from './errors.ts'

const table: readonly (readonly [string, ErrorSpec])[] = Object.entries(ERRORS)

describe('the table of errors', () => {
  it('is sorted by code', () => {
    expect(Object.keys(ERRORS)).toEqual(Object.keys(ERRORS).sort())
  })

  it.each(table)('%s has a status, a sentence, and a hint that says what to do', (code, { http, message, hint }) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/)
    expect(http).toBeGreaterThanOrEqual(400)
    expect(http).toBeLessThan(600)
    expect(message).toMatch(/\S/)
    expect(hint).toMatch(/\S.*\.$|^\{\w+\}$/)
  })
})

describe('OpError', () => {
  it('fills its sentence and its hint from the details', () => {
    const fault = new OpError('bucket_not_listed', { index: 'NIFTY', bucket: 'next_month' })
    expect(fault.message).toBe('NIFTY lists no next_month expiry')
    expect(fault.hint).toContain('/expiries/NIFTY')
    expect(fault.spec).toBe(ERRORS.bucket_not_listed)
    expect(fault).toMatchObject({ name: 'OpError', code: 'bucket_not_listed' })
  })

  it('shows a detail that is missing, and never fills one twice', () => {
    expect(new OpError('not_found').message).toContain('{path}')
    expect(new OpError('internal', { reason: '{path}', path: 'x' }).message).toContain('{path}')
  })

  it('is made of anything that was thrown, and kept when it is one already', () => {
    const own = new OpError('journal_full', { pendingBytes: 1 })
    expect(toOpError(own)).toBe(own)
    const cause = new TypeError('x is not a function')
    expect(toOpError(cause)).toMatchObject({ code: 'internal', cause, message: expect.stringContaining('x is not') })
    for (const thrown of ['text', 7, null, undefined, {}]) {
      expect(toOpError(thrown)).toMatchObject({ code: 'internal', cause: thrown })
    }
  })
})
