import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ALERT_METRICS } from '../../../../core/contract/alert-words.ts'
import {
  CHAIN_ALERT_METRICS,
  LEG_ALERT_METRICS,
  newAlertRuleSchema,
  type PriceMetric,
} from '../../../../core/contract/alerts.ts'
import {
  distanceWords,
  draftOf,
  emptyDraft,
  obstacle,
  type RuleDraft,
  readDraft,
  readNumber,
  suggestedValue,
  typedValue,
} from './rule-draft.ts'

const EMPTY = emptyDraft('NIFTY', 'this_week')
const draft = (change: Partial<RuleDraft>): RuleDraft => ({ ...EMPTY, ...change })

/** A draft of a rule on a metric, of a chain or of a leg. */
function metricDraft(metric: PriceMetric): Partial<RuleDraft> {
  const leg = LEG_ALERT_METRICS.find((known) => known === metric)
  const chain = CHAIN_ALERT_METRICS.find((known) => known === metric)
  const kind = leg === undefined ? 'chain' : 'leg'
  return { kind, legMetric: leg ?? 'ltp', chainMetric: chain ?? 'spot', strike: '24000' }
}

describe('the draft of a rule', () => {
  it('reads what is typed in the units that are shown', () => {
    expect(readDraft(draft({ chainMetric: 'atm_iv', value: '14.5' })).rule).toEqual({
      name: 'NIFTY this week ATM IV above 14.50 %',
      target: {
        kind: 'chain',
        index: 'NIFTY',
        bucket: 'this_week',
        metric: 'atm_iv',
        condition: { op: 'above', value: 0.145 },
      },
      channels: ['toast', 'sound', 'tray'],
      cooldown_s: 300,
    })
    const gex = readDraft(draft({ chainMetric: 'gex', value: '−1,250.5', op: 'below' })).rule?.target
    expect(gex).toMatchObject({ condition: { op: 'below', value: -1_250.5e7 } })
    const leg = draft({ kind: 'leg', legMetric: 'oi', strike: '24,000', right: 'PE', op: 'moves', value: '1,20,000' })
    expect(readDraft(leg).rule?.target).toMatchObject({
      strike: 24_000,
      right: 'PE',
      condition: { op: 'moves', value: 120_000, within_s: 300 },
    })
    expect(readDraft(draft({ kind: 'feed', lasting: '0', name: ' Down! ' })).rule).toMatchObject({
      name: 'Down!',
      target: { kind: 'feed', state: 'disconnected', for_s: 0 },
    })
  })

  it.each<[Partial<RuleDraft>, object]>([
    [{ value: '' }, { value: 'A number, such as 24000.' }],
    [{ value: 'abc', chainMetric: 'atm_iv' }, { value: 'A number in %, such as 14.5.' }],
    [{ value: '0', op: 'moves' }, { value: 'How far it moves: more than 0.' }],
    [
      { value: '0.145', chainMetric: 'atm_iv' },
      { value: 'ATM IV lies between 1.00 % and 500.00 %; 0.15 % is outside.' },
    ],
    [{ value: '5', op: 'moves', within: '4' }, { within: 'Whole seconds from 5 to 86400.' }],
    [{ value: '5', kind: 'leg' }, { strike: 'A strike, such as 24000.' }],
    [
      { kind: 'feed', lasting: '3601', cooldown: '1.5' },
      { lasting: expect.any(String), cooldown: expect.any(String) },
    ],
    [{ value: '1', name: 'x'.repeat(81) }, { name: 'At most 80 characters.' }],
  ])('says at the field what is wrong with %j', (change, faults) => {
    expect(readDraft(draft(change))).toEqual({ rule: null, faults })
  })

  it.each<[Partial<RuleDraft>, string]>([
    [{ value: '' }, 'Fill in what is missing.'],
    [{ value: '', kind: 'leg' }, 'Fill in what is missing.'],
    [{ value: 'abc' }, 'A number, such as 24000.'],
    [{ value: '-5' }, 'Spot lies between 1.00 and 10,00,000.00; −5.00 is outside.'],
    [{ value: '2400' }, 'Spot is 24,315.50 now: expected is a threshold from 2,431.55 to 2,43,155.00.'],
    [{ value: '0.24', chainMetric: 'atm_iv' }, 'ATM IV lies between 1.00 % and 500.00 %; 0.24 % is outside.'],
    [{ value: '1200', chainMetric: 'vix' }, 'India VIX lies between 1.00 and 500.00; 1,200.00 is outside.'],
    [{ value: '-1', chainMetric: 'pcr_oi' }, 'PCR by OI lies between 0.01 and 100.00; −1.00 is outside.'],
    [{ value: '', cooldown: '-1' }, 'Whole seconds from 0 to 86400.'],
  ])('says what keeps %j from being a rule, and calls missing only what is', (change, words) => {
    const typed = draft(change)
    const { faults } = readDraft(typed, typed.chainMetric === 'spot' ? 24_315.5 : null)
    expect(obstacle(typed, faults ?? {})).toBe(words)
  })

  it('shows ratios with the decimals that they move in', () => {
    const rule = readDraft(draft({ chainMetric: 'pcr_oi', op: 'below', value: '0.985' })).rule
    if (rule === null) return expect.fail('the draft is right')
    expect(rule.name).toBe('NIFTY this week PCR by OI below 0.985')
    expect(distanceWords(rule.target, 0.9862)).toBe('0.0012 to go')
    expect(suggestedValue('pcr_oi', 0.984_84)).toBe('0.9848')
    expect(readDraft(draft({ chainMetric: 'pcr_oi', value: '1.2' })).rule?.name).toBe(
      'NIFTY this week PCR by OI above 1.20',
    )
  })

  it('shows a rule as it was typed, and means the same again', () => {
    const metric = fc.constantFrom(...CHAIN_ALERT_METRICS, ...LEG_ALERT_METRICS)
    const typed = fc.integer({ min: 1, max: 9_999_999 }).map((number) => number / 100)
    const sense = (metric: PriceMetric, value: number, op: 'above' | 'moves') =>
      readDraft(draft({ ...metricDraft(metric), value: String(value), op })).faults === null
    fc.assert(
      fc.property(metric, typed, fc.constantFrom('above' as const, 'moves' as const), (metric, typed, op) => {
        fc.pre(sense(metric, typed, op))
        const value = typed / ALERT_METRICS[metric].unit.scale
        expect(Number(typedValue(metric, value))).toBe(typed)
        const leg = LEG_ALERT_METRICS.find((known) => known === metric)
        const first = draft({ ...metricDraft(metric), value: String(typed), op })
        const { rule } = readDraft(first)
        if (rule === null) return expect.fail('the draft is right')
        expect(newAlertRuleSchema.parse(rule)).toMatchObject(rule)
        const shown = { ...rule, id: 'r', enabled: true, sentence: '', current: null, note: null, active: false }
        expect(draftOf(shown, EMPTY)).toEqual({
          ...first,
          legMetric: leg ?? EMPTY.legMetric,
          strike: leg === undefined ? '' : '24000',
        })
      }),
    )
  })

  it('reads numbers as people write them', () => {
    expect(['1,20,000.5', ' 14.5 % ', '−3', '.5', '', '1.2.3', '1e5', 'NaN'].map(readNumber)).toEqual([
      120_000.5,
      14.5,
      -3,
      0.5,
      null,
      null,
      null,
      null,
    ])
  })

  it('says how far it is to the threshold', () => {
    const { target } = readDraft(draft({ value: '24000' })).rule ?? { target: null }
    if (target === null) return expect.fail('the draft is right')
    expect(distanceWords(target, 23_900)).toBe('100.00 to go')
    expect(distanceWords(target, 24_010)).toBe('over by 10.00')
  })
})
