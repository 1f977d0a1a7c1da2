import { describe, expect, it } from 'vitest'
import { add, closingLine, judge, readTestReport } from './tally.ts'

const test = (status: string, fullName = status) => ({ fullName, status })
const file = (status: string, tests: ReturnType<typeof test>[], message = '') => ({
  name: 'a.test.ts',
  status,
  message,
  assertionResults: tests,
})
const report = (...testResults: unknown[]) => JSON.stringify({ testResults })

describe('readTestReport', () => {
  it('counts what passed, failed and was skipped, and names the skipped', () => {
    const tests = [test('passed'), test('passed'), test('failed'), test('skipped', 'needs data'), test('todo', 'later')]
    const read = readTestReport(report(file('failed', tests)))
    expect(read.tally).toEqual({ passed: 2, failed: 1, skipped: 2 })
    expect(read.skipped).toEqual(['needs data', 'later'])
    expect(read.broken).toEqual([])
  })

  it('counts a file that broke outside its tests as one failure', () => {
    const read = readTestReport(report(file('failed', [], 'no such module'), file('failed', [test('skipped')], 'hook')))
    expect(read.tally).toEqual({ passed: 0, failed: 2, skipped: 1 })
    expect(read.broken).toEqual(['a.test.ts: no such module', 'a.test.ts: hook'])
  })

  it('refuses what is not a report', () => {
    expect(() => readTestReport('{}')).toThrow()
    expect(() => readTestReport('{"testResults": [')).toThrow()
  })
})

describe('judge', () => {
  it('makes a bad end without a failure one failure', () => {
    expect(judge({ passed: 3, failed: 0, skipped: 0 }, 1).failed).toBe(1)
    expect(judge({ passed: 3, failed: 0, skipped: 0 }, null).failed).toBe(1)
  })

  it('leaves counted failures and a good end as they are', () => {
    expect(judge({ passed: 3, failed: 2, skipped: 0 }, 1).failed).toBe(2)
    expect(judge({ passed: 3, failed: 0, skipped: 0 }, 0).failed).toBe(0)
  })
})

it('adds tallies and writes the closing line', () => {
  const sum = add({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 })
  expect(closingLine(sum)).toBe('11 passed, 22 failed, 33 skipped')
})
