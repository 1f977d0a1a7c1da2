import { describe, expect, it } from 'vitest'
import type { CoverageReport } from '../../../../core/contract/operations.ts'
import { istInstant } from '../../../../core/domain/ist.ts'
import { hoursOf, describe as inWords, listedGaps, placeOn, shownGaps, trackSpan } from './gap-facts.ts'

const DATE = '2026-11-23'
const at = (time: string) => istInstant(DATE, time)
const iso = (time: string) => `${DATE}T${time}:00.000+05:30`

function report(change: Partial<CoverageReport>): CoverageReport {
  const session = { from: iso('09:15'), to: iso('15:40') }
  return { index: 'NIFTY', date: DATE, source: 'sim', session, recorded_from: null, coverage: 1, gaps: [], ...change }
}

const gap = (from: string, to: string, index: CoverageReport['gaps'][number]['index'] = null) => ({
  from: iso(from),
  to: iso(to),
  cause: 'paused' as const,
  index,
  dropped: null,
})

describe('gaps on the page', () => {
  it('lists a gap of all indices once, newest first', () => {
    const shared = gap('10:00', '10:05')
    const own = gap('11:00', '11:01', 'SENSEX')
    const listed = listedGaps([report({ gaps: [shared] }), report({ index: 'SENSEX', gaps: [shared, own] })])
    expect(listed.map(({ from, index }) => [from, index])).toEqual([
      [at('11:00'), 'SENSEX'],
      [at('10:00'), null],
    ])
  })

  it('says what a gap is', () => {
    const [shown] = shownGaps(report({ gaps: [gap('10:00', '10:05')] }))
    expect(shown === undefined ? '' : inWords(shown)).toBe(
      'All indices: 10:00:00 to 10:05:00 IST, 5 m 00 s, paused by the user (paused)',
    )
  })

  it('draws the session of the day, and an ordinary one where there is none', () => {
    const ordinary = { from: at('09:15'), to: at('15:40') }
    expect(trackSpan(report({ session: null }))).toEqual(ordinary)
    expect(trackSpan(report({ session: { from: iso('18:00'), to: iso('19:15') } }))).toEqual({
      from: at('18:00'),
      to: at('19:15'),
    })
    expect(hoursOf(ordinary).map((hour) => (hour - at('00:00')) / 3_600_000)).toEqual([10, 11, 12, 13, 14, 15])
    expect(placeOn(ordinary, at('09:00'))).toBe(0)
    expect(placeOn(ordinary, at('12:27') + 30_000)).toBe(0.5)
    expect(placeOn(ordinary, at('16:00'))).toBe(1)
  })
})
