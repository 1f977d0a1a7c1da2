import { describe, expect, it } from 'vitest'
import { csvText } from './csv-text.ts'

describe('a table as CSV', () => {
  it('writes numbers plainly, what is missing as nothing, and quotes what must be quoted', () => {
    const table = {
      head: ['strike', 'IV, %', 'note'],
      rows: [
        [24_050, 12.5, 'a "b"'],
        [24_100.5, null, 'c\nd'],
      ],
    }
    expect(csvText(table)).toBe('strike,"IV, %",note\n24050,12.5,"a ""b"""\n24100.5,,"c\nd"\n')
  })

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('makes no formula of the text %j', (text) => {
    const [, line = ''] = csvText({ head: ['x'], rows: [[text]] }).split('\n')
    expect(line.replace(/^"/, '')).toMatch(/^'/)
  })

  it('leaves negative numbers numbers, and writes none that is no number', () => {
    expect(csvText({ head: ['x', 'y'], rows: [[-1.5, Number.NaN]] })).toBe('x,y\n-1.5,\n')
  })
})
