import { describe, expect, it } from 'vitest'
import { formatIst, istInstant } from '../../../../core/domain/ist.ts'
import { holeAt, phaseOf, readTrack } from './day-track.ts'
import { readTime, stepped } from './steps.ts'

const DATE = '2026-11-23'
const at = (time: string) => istInstant(DATE, time)
const stretch = (from: string, to: string) => ({ from: formatIst(at(from)), to: formatIst(at(to)) })

const day = {
  ...({ index: 'NIFTY', date: DATE, source: 'sim' } as const),
  recorded: stretch('09:20', '14:00'),
  phases: [{ ...stretch('09:15', '15:40'), phase: 'open' }],
  gaps: [{ ...stretch('11:00', '11:30'), cause: 'paused' as const }],
  expiries: [],
}

describe('the track of a day', () => {
  it('reaches over session and record, and over a usual day where there is neither', () => {
    expect(readTrack({ ...day, recorded: stretch('08:50', '14:00') })).toMatchObject({
      from: at('08:50'),
      to: at('15:40'),
    })
    expect(readTrack({ ...day, recorded: null, phases: [] })).toMatchObject({ from: at('09:00'), to: at('15:40') })
  })

  it('says why nothing is on record at an instant', () => {
    const track = readTrack(day)
    expect(holeAt(track, at('09:16'))).toEqual({ kind: 'before', from: at('09:20') })
    expect(holeAt(track, at('09:20'))).toBeNull()
    expect(holeAt(track, at('11:10'))).toMatchObject({ kind: 'gap', cause: 'paused' })
    expect([holeAt(track, at('11:00')), holeAt(track, at('11:30')), holeAt(track, at('14:00:05'))]).toEqual([
      null,
      null,
      null,
    ])
    expect(holeAt(track, at('14:10'))).toEqual({ kind: 'after', to: at('14:00') })
    expect(holeAt(readTrack({ ...day, recorded: stretch('09:15', '15:40') }), at('16:00'))).toBeNull()
    expect(holeAt(readTrack({ ...day, recorded: null }), at('10:00'))).toEqual({ kind: 'empty' })
    expect([phaseOf(track, at('10:00'))?.phase, phaseOf(track, at('16:00'))]).toEqual(['open', null])
  })
})

describe('steps and times', () => {
  it('go to whole seconds, and by whole minutes', () => {
    const odd = at('10:00:05') + 250
    expect([stepped(odd, 'second', 1), stepped(odd, 'second', -1)]).toEqual([at('10:00:06'), at('10:00:05')])
    expect([stepped(at('10:00:05'), 'second', 1), stepped(at('10:00:05'), 'second', -1)]).toEqual([
      at('10:00:06'),
      at('10:00:04'),
    ])
    expect([stepped(odd, 'minute', 1), stepped(odd, 'minute', -1)]).toEqual([odd + 60_000, odd - 60_000])
  })

  it('are read as users write them', () => {
    expect(['9:31', '0931', '09:31:00', ' 09.31 '].map((text) => readTime(text, DATE))).toEqual(
      Array(4).fill(at('09:31')),
    )
    expect(readTime('09:31:05.25', DATE)).toBe(at('09:31:05') + 250)
    expect(['', '25:00', '9', '09:61', 'soon', '09:31:05.1234'].map((text) => readTime(text, DATE))).toEqual(
      Array(6).fill(null),
    )
  })
})
