import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { istInstant } from '../domain/ist.ts'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createSessions } from './session.ts'

const checksum = (text: string) => createHash('sha256').update(text).digest('hex')

function setUp(start = istInstant('2026-11-23', '10:00')) {
  const clock = createFakeClock(start)
  let state = 1
  const random = () => {
    state = (state * 16807) % 2147483647
    return state / 2147483647
  }
  const sessions = createSessions({ clock, random }, { apiKey: 'key', apiSecret: 'secret' })
  const logIn = () => {
    const token = sessions.requestToken()
    const session = sessions.generate('key', token, checksum(`key${token}secret`))
    if (typeof session === 'string') throw new Error(session)
    return session.accessToken
  }
  return { clock, sessions, logIn }
}

describe('sessions', () => {
  it('opens a session for a request token, once', () => {
    const { sessions } = setUp()
    const token = sessions.requestToken()
    const sum = checksum(`key${token}secret`)
    expect(sessions.generate('key', token, sum)).toMatchObject({ accessToken: expect.stringMatching(/^\w{32}$/) })
    expect(sessions.generate('key', token, sum)).toBe('bad_token')
  })

  it('refuses a wrong checksum, key and token', () => {
    const { sessions } = setUp()
    const token = sessions.requestToken()
    expect(sessions.generate('key', token, checksum(`key${token}wrong`))).toBe('bad_checksum')
    expect(sessions.generate('other', token, checksum(`other${token}secret`))).toBe('unknown_key')
    expect(sessions.generate('key', 'invented', checksum('keyinventedsecret'))).toBe('bad_token')
  })

  it('lets request tokens live for minutes', () => {
    const { sessions, clock } = setUp()
    const token = sessions.requestToken()
    clock.advance(5 * 60_000)
    expect(sessions.generate('key', token, checksum(`key${token}secret`))).toBe('bad_token')
  })

  it('keeps a bounded number of unfinished logins, the newest', () => {
    const { sessions } = setUp()
    const first = sessions.requestToken()
    const later = Array.from({ length: 100 }, () => sessions.requestToken())
    expect(sessions.generate('key', first, checksum(`key${first}secret`))).toBe('bad_token')
    const last = later.at(-1) ?? ''
    expect(sessions.generate('key', last, checksum(`key${last}secret`))).toBeTypeOf('object')
  })

  it('ends the session before when a new one begins', () => {
    const { sessions, logIn } = setUp()
    const first = logIn()
    expect(sessions.check('key', first)).toBe('ok')
    const second = logIn()
    expect(sessions.check('key', first)).toBe('bad_token')
    expect(sessions.check('key', second)).toBe('ok')
    expect(sessions.check('other', second)).toBe('unknown_key')
  })

  it('ends every session at 06:00 IST', () => {
    const { sessions, logIn, clock } = setUp(istInstant('2026-11-23', '05:59'))
    const early = logIn()
    clock.advance(59_999)
    expect(sessions.check('key', early)).toBe('ok')
    clock.advance(1)
    expect(sessions.check('key', early)).toBe('bad_token')
    const late = logIn()
    clock.advance(23 * 3_600_000)
    expect(sessions.check('key', late)).toBe('ok')
    clock.advance(3_600_000)
    expect(sessions.check('key', late)).toBe('bad_token')
  })

  it('hands out the living token directly, and a new one after its death', () => {
    const { sessions, logIn } = setUp()
    const token = sessions.accessToken()
    expect(sessions.accessToken()).toBe(token)
    expect(sessions.check('key', token)).toBe('ok')
    sessions.expire()
    expect(sessions.check('key', token)).toBe('bad_token')
    expect(sessions.accessToken()).not.toBe(token)
    expect(sessions.accessToken()).not.toBe(logIn())
  })
})
