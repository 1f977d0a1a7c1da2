import { describe, expect, it } from 'vitest'
import { type Claim, type ClaimResult, isMissed, median, reaches } from './harness.ts'
import { updatePage } from './report.ts'

const NAMES = ['decode', 'pipeline']
const sections = (given: Record<string, string>) => new Map(Object.entries(given))

function resultOf(claim: Partial<Claim>, ratio: number): ClaimResult {
  const whole: Claim = { text: 'a / b', of: 'a', to: 'b', better: 'higher', pass: 10, ambitious: 20, ...claim }
  return { claim: whole, ratio, worst: ratio }
}

describe('page of benchmarks', () => {
  it('renews the section that was run and keeps the others, in order', () => {
    const first = updatePage('', NAMES, sections({ pipeline: '## P\n' }))
    const both = updatePage(first, NAMES, sections({ decode: '## D\n' }))
    const renewed = updatePage(both, NAMES, sections({ pipeline: '## P again\n' }))
    expect(both.indexOf('## D')).toBeLessThan(both.indexOf('## P'))
    expect(both.indexOf('## D')).toBeGreaterThan(0)
    expect(renewed).toBe(both.replace('## P', '## P again'))
  })

  it('forgets a benchmark that is no more', () => {
    const page = updatePage('', NAMES, sections({ decode: '## D\n', pipeline: '## P\n' }))
    expect(updatePage(page, ['pipeline'], new Map())).not.toContain('decode')
  })
})

describe('goals', () => {
  it.each([
    ['higher', 10, true],
    ['higher', 9.9, false],
    ['lower', 10, true],
    ['lower', 10.1, false],
  ] as const)('%s is better: %d reaches 10: %s', (better, ratio, reached) => {
    expect(reaches(resultOf({ better }, ratio), 10)).toBe(reached)
  })

  it('misses the pass goal only by more than busy neighbours explain', () => {
    expect(isMissed(resultOf({}, 7.1))).toBe(false)
    expect(isMissed(resultOf({}, 6.9))).toBe(true)
    expect(isMissed(resultOf({ better: 'lower' }, 12.9))).toBe(false)
    expect(isMissed(resultOf({ better: 'lower' }, 13.1))).toBe(true)
  })

  it('cannot miss a goal that has no pass', () => {
    expect(isMissed(resultOf({ pass: null }, 0))).toBe(false)
  })
})

describe('median', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected)
  })
})
