import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../testing/fake-clock.ts'
import { createLoginGate, type LoginOutcome } from './login-gate.ts'

function setup(first: string | null = 'token') {
  const clock = createFakeClock(0)
  const login = { token: first }
  const required: string[] = []
  let resumed = 0
  const gate = createLoginGate(
    { clock, tokens: { apiKey: 'key', current: () => login.token } },
    {
      required: (reason) => required.push(reason),
      resumed: () => {
        resumed += 1
      },
    },
  )
  /** One attempt with what the gate gives out; false when it gives nothing. */
  const attempt = (outcome: LoginOutcome) => {
    const token = gate.take()
    if (token !== null) gate.settle(token, outcome)
    return token !== null
  }
  return { clock, login, gate, required, resumed: () => resumed, attempt }
}

describe('the login gate', () => {
  it('shuts after three refusals of one token, and says so once', () => {
    const { clock, gate, required, attempt } = setup()
    expect([1, 2, 3, 4, 5].map(() => attempt('refused'))).toEqual([true, true, true, false, false])
    expect(required).toEqual(['Kite refuses the access token'])
    expect(gate.required()).toBe('Kite refuses the access token')
    clock.advance(3_600_000)
    expect(attempt('refused')).toBe(false)
  })

  it('lets no more than three attempts be under way while it is not known whether the token is good', () => {
    const { gate, resumed } = setup()
    const taken = [gate.take(), gate.take(), gate.take(), gate.take()]
    expect(taken).toEqual(['token', 'token', 'token', null])
    gate.settle('token', 'unknown')
    expect(resumed()).toBe(1)
    expect(gate.take()).toBe('token')
  })

  it('forgets refusals once the token is accepted', () => {
    const { gate, attempt } = setup()
    for (const outcome of ['refused', 'refused', 'accepted', 'refused', 'refused'] as const) attempt(outcome)
    expect(gate.required()).toBeNull()
    attempt('refused')
    expect(gate.required()).not.toBeNull()
  })

  it('opens within a second for another token, with three attempts for that one', () => {
    const { clock, login, gate, resumed, attempt } = setup()
    for (let i = 0; i < 3; i += 1) attempt('refused')
    login.token = null
    clock.advance(5_000)
    expect([gate.required(), resumed()]).toEqual(['Kite refuses the access token', 0])
    login.token = 'next'
    clock.advance(1_000)
    expect([gate.required(), resumed()]).toEqual([null, 1])
    expect([1, 2, 3, 4].map(() => attempt('refused'))).toEqual([true, true, true, false])
  })

  it('opens for the same token when that is known to be good, with three attempts more', () => {
    const { gate, required, resumed, attempt } = setup()
    for (let i = 0; i < 3; i += 1) attempt('refused')
    gate.retry()
    expect([gate.required(), resumed()]).toEqual([null, 1])
    expect([1, 2, 3, 4].map(() => attempt('refused'))).toEqual([true, true, true, false])
    expect(required).toHaveLength(2)
    gate.retry()
    expect(attempt('accepted')).toBe(true)
  })

  it('does nothing on a retry while it is open, without a token, or after the end', () => {
    const open = setup()
    open.attempt('refused')
    open.gate.retry()
    expect(open.resumed()).toBe(0)
    // The refusal before still counts.
    expect([1, 2, 3].map(() => open.attempt('refused'))).toEqual([true, true, false])

    const without = setup(null)
    expect(without.attempt('accepted')).toBe(false)
    without.gate.retry()
    expect([without.required, without.resumed()]).toEqual([['there is no access token'], 0])

    const stopped = setup()
    for (let i = 0; i < 3; i += 1) stopped.attempt('refused')
    stopped.gate.stop()
    stopped.gate.retry()
    stopped.login.token = 'next'
    stopped.clock.advance(5_000)
    expect([stopped.resumed(), stopped.attempt('accepted')]).toEqual([0, false])
  })
})
