import { expect, it } from 'vitest'
import { istInstant } from '../domain/ist.ts'
import { type TokenFacts, tokenState } from './token-state.ts'

const NOW = istInstant('2026-11-23', '10:00')
const SIX = istInstant('2026-11-24', '06:00')
const facts: TokenFacts = { needed: true, current: () => 'token', issues: [null], endsAt: SIX, wallNow: NOW }

it.each<[string, Partial<TokenFacts>, string, string | null]>([
  ['not needed by a simulated market', { needed: false }, 'not_needed', null],
  ['valid until six', {}, 'valid', '2026-11-24T06:00:00.000+05:30'],
  ['expired when it is refused', { issues: [null, 'login_required'] }, 'expired', null],
  ['expired after six', { wallNow: SIX }, 'expired', null],
  ['missing', { current: () => null, endsAt: null, issues: ['login_required'] }, 'missing', null],
  ['unknown before it was tried', { endsAt: null }, 'unknown', null],
])('a token is %s', (_, change, state, expires_at) => {
  expect(tokenState({ ...facts, ...change })).toEqual({ state, expires_at })
})
