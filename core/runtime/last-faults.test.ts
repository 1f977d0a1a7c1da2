import { expect, it } from 'vitest'
import { ERRORS } from '../kernel/error-table.ts'
import { createLastFaults } from './last-faults.ts'

const WELL = { state: 'running', since: 9, issue: null, detail: null } as const

it('keeps the last fault of a component after it is well again', () => {
  const faults = createLastFaults()
  expect(faults.of('store')).toBeNull()
  faults.see('store', { state: 'degraded', since: 5, issue: 'store_behind', detail: 'the disk is full' }, 2_005)
  faults.see('store', WELL, 9_000)
  expect(faults.of('store')).toEqual({
    at: 5,
    message: 'the disk is full',
    hint: expect.stringContaining('catches up'),
  })
  expect(faults.of('feed')).toBeNull()
})

it('says what to do by the table of errors, and only once', () => {
  const faults = createLastFaults()
  const { hint } = ERRORS.auth_expired
  faults.note('market', 'login_required', `Kite no longer accepts the access token. ${hint}`, 7)
  expect(faults.of('market')).toEqual({ at: 7, message: 'Kite no longer accepts the access token', hint })
  faults.note('market', 'kite_data', null, 8)
  expect(faults.of('market')).toEqual({ at: 8, message: 'kite data', hint: ERRORS.kite_data.hint })
})

it('takes no connection that is being made for a fault', () => {
  const faults = createLastFaults()
  faults.see('feed', { state: 'degraded', since: 1_000, issue: 'feed_disconnected', detail: null }, 2_999)
  expect(faults.of('feed')).toBeNull()
})
