import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { istInstant } from '../domain/ist.ts'
import { OpError } from '../kernel/errors.ts'
import { parseFaults } from './faults.ts'
import { createFaultSchedule } from './faults-schedule.ts'

describe('fault script', () => {
  it('reads every action', () => {
    const script = `
      # a bad morning
      at=10:30:00 mute 30s
      at=10:30:00 quiet 30s
      after=5s disconnect; token_expire
      at=10:31 half_open 1.5m   # and a comment
      http 429 for 10s; http html 502; corrupt_frame; corrupt_frame 3
      reject_upgrade 403; after=200ms reject_upgrade 429 for 2s`
    expect(parseFaults(script)).toEqual([
      { trigger: { at: '10:30:00' }, action: { kind: 'mute', forMs: 30_000 } },
      { trigger: { at: '10:30:00' }, action: { kind: 'quiet', forMs: 30_000 } },
      { trigger: { afterMs: 5000 }, action: { kind: 'disconnect' } },
      { trigger: { afterMs: 0 }, action: { kind: 'token_expire' } },
      { trigger: { at: '10:31:00' }, action: { kind: 'half_open', forMs: 90_000 } },
      { trigger: { afterMs: 0 }, action: { kind: 'http', status: 429, html: false, forMs: 10_000 } },
      {
        trigger: { afterMs: 0 },
        action: { kind: 'http', status: 502, html: true, forMs: Number.POSITIVE_INFINITY },
      },
      { trigger: { afterMs: 0 }, action: { kind: 'corrupt_frame', frames: 1 } },
      { trigger: { afterMs: 0 }, action: { kind: 'corrupt_frame', frames: 3 } },
      { trigger: { afterMs: 0 }, action: { kind: 'reject_upgrade', status: 403, forMs: Number.POSITIVE_INFINITY } },
      { trigger: { afterMs: 200 }, action: { kind: 'reject_upgrade', status: 429, forMs: 2000 } },
    ])
    expect(parseFaults(' \n ; # nothing')).toEqual([])
  })

  it.each([
    'explode',
    'at=25:00 mute 3s',
    'after=soon disconnect',
    'at=10:30',
    'mute',
    'mute 30',
    'mute 30s 40s',
    'disconnect now',
    'http 200',
    'http 429 during 10s',
    'http 429 for',
    'http 429 for 10s more',
    'corrupt_frame 0',
    'corrupt_frame many',
    'reject_upgrade',
  ])('refuses "%s" and shows it beside the grammar', (fault) => {
    const parse = () => parseFaults(`disconnect; ${fault}`)
    expect(parse).toThrow(OpError)
    expect(parse).toThrow(`fault "${fault}" is not one of: `)
  })

  it('throws nothing but its own error, whatever the text', () => {
    const words = fc.constantFrom('at=', 'after=', 'mute', 'http', 'html', 'for', '5s', '429', 'corrupt_frame', '-1')
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 8 }), (parts) => {
        try {
          for (const fault of parseFaults(parts.join(' '))) expect(fault.action.kind).toBeTypeOf('string')
        } catch (fault) {
          expect(fault).toBeInstanceOf(OpError)
        }
      }),
    )
  })
})

describe('fault schedule', () => {
  const marketMs = istInstant('2026-11-23', '10:00')

  it('fires by market time and by real time, each once', () => {
    const schedule = createFaultSchedule(parseFaults('at=10:30 disconnect; after=5s token_expire; mute 1s'), {
      marketMs,
      monotonicMs: 100,
    })
    const kinds = (market: number, monotonic: number) => schedule.due(market, monotonic).map((one) => one.kind)
    expect(kinds(marketMs, 100)).toEqual(['mute'])
    expect(kinds(marketMs, 5099)).toEqual([])
    expect(kinds(marketMs, 5100)).toEqual(['token_expire'])
    expect(kinds(istInstant('2026-11-23', '10:29:59'), 5200)).toEqual([])
    expect(kinds(istInstant('2026-11-23', '10:31'), 5300)).toEqual(['disconnect'])
    expect(kinds(istInstant('2026-11-24', '10:31'), 9999)).toEqual([])
  })

  it('waits for the next day when the time of day is over', () => {
    const schedule = createFaultSchedule(parseFaults('at=09:30 disconnect'), { marketMs, monotonicMs: 0 })
    expect(schedule.due(istInstant('2026-11-23', '15:00'), 1)).toEqual([])
    expect(schedule.due(istInstant('2026-11-24', '09:30'), 2)).toHaveLength(1)
  })

  it('keeps http and upgrade faults active for their time', () => {
    const schedule = createFaultSchedule(parseFaults('http 429 for 10s; reject_upgrade 403'), {
      marketMs,
      monotonicMs: 0,
    })
    expect(schedule.http(0)).toBeNull()
    schedule.due(marketMs, 0)
    expect(schedule.http(9999)).toMatchObject({ status: 429 })
    expect(schedule.http(10_000)).toBeNull()
    expect(schedule.upgrade(1e12)).toMatchObject({ status: 403 })
  })
})
