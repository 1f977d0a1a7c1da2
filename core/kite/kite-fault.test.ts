import { describe, expect, it } from 'vitest'
import { isKiteFault, toKiteError } from './kite-fault.ts'

const REQUEST = {
  what: 'last prices',
  host: 'api.kite.trade',
  status: 400,
  timeoutMs: 5_000,
  onlyCredentials: false,
  secrets: ['s3cret', ''],
}
const fault = (type: string, message: string | null = 'why') => ({ status: 'error', error_type: type, message })

describe('toKiteError', () => {
  it.each([
    ['TokenException', 'auth_expired'],
    ['InputException', 'kite_input'],
    ['PermissionException', 'kite_permission'],
    ['NetworkException', 'exchange_unreachable'],
    ['DataException', 'kite_data'],
    ['OrderException', 'kite_data'],
  ])('takes %s for %s', (type, code) => {
    expect(toKiteError(fault(type), REQUEST).code).toBe(code)
  })

  it('takes wrong input for refused credentials where there is nothing else to be wrong', () => {
    const error = toKiteError(fault('InputException', 'Invalid `api_key`.'), { ...REQUEST, onlyCredentials: true })
    expect(error.code).toBe('auth_expired')
    expect(error.hint).toContain('KITE_API_KEY')
  })

  it('takes status 429 for a limit, whatever the body says', () => {
    for (const body of [fault('NetworkException'), fault('TokenException'), new Error('x'), null])
      expect(toKiteError(body, { ...REQUEST, status: 429 }).code).toBe('rate_limited')
  })

  it('says how long it waited, or what the network said', () => {
    const noAnswer = (code: string) =>
      toKiteError(fault('NetworkException', `No response from server with error code: ${code}`), REQUEST).message
    for (const code of ['ECONNABORTED', 'ERR_CANCELED', 'ETIMEDOUT']) expect(noAnswer(code)).toContain('5000 ms')
    expect(noAnswer('ECONNREFUSED')).toContain('ECONNREFUSED')
  })

  it('never tells a secret, is never long, and names the status when nothing was said', () => {
    const long = toKiteError(fault('DataException', `s3cret ${'x'.repeat(5_000)} s3cret`), REQUEST)
    expect(long.message).not.toContain('s3cret')
    expect(long.message).toContain('***')
    expect(long.message.length).toBeLessThan(300)
    expect(long.cause).toBeUndefined()
    expect(toKiteError(fault('DataException', null), REQUEST).message).toContain('status 400')
    expect(toKiteError(fault('DataException', ''), { ...REQUEST, status: null }).message).toContain('status unknown')
    expect(toKiteError('nonsense', REQUEST)).toMatchObject({ code: 'kite_data' })
  })
})

describe('isKiteFault', () => {
  it('knows the shape of a fault from that of a value', () => {
    expect(isKiteFault(fault('DataException'))).toBe(true)
    expect(isKiteFault({ error_type: 'DataException', message: null })).toBe(true)
    for (const value of [undefined, null, 'text', [], { user_id: 'AB1234' }, { error_type: 1, message: 'x' }])
      expect(isKiteFault(value)).toBe(false)
  })
})
