import { describe, expect, it } from 'vitest'
import { NOTHING_WRONG, type Proof, type ProofOutcome } from '../../core/testing/prove/proof.ts'
import { type Held, sectionOf, summaryOf, updatePage } from './page.ts'

const outcome: ProofOutcome = {
  findings: [{ what: 'two | kills', verdict: { ...NOTHING_WRONG, recovered: 3 }, wrong: [] }],
  planted: [{ fault: 'nothing is synced', caught: true, seen: '9 lost' }],
}
const proof: Proof = { id: 'P1', title: 'kill -9', promise: 'Nothing is lost.', run: async () => outcome }
const when = { date: '2026-11-22', seconds: 1.5 }
const section = (held: Held) => sectionOf(proof, held, when)

describe('the section of a proof', () => {
  it('says that it holds, with its figures', () => {
    const text = section({ outcome })
    expect(text).toContain('**Holds.**')
    expect(text).toContain('| two \\| kills | 0 | 0 | 0 | 3 | as promised |')
    expect(text).toContain('| nothing is synced | yes | 9 lost |')
    expect(text).toMatch(/`npm run prove -- P1`, 2026-11-22, 2 s on \d+ processors/)
  })

  it('says what does not hold, what was missed, and what could not be tried', () => {
    const lost = { what: 'a kill', verdict: { ...NOTHING_WRONG, lost: 1 }, wrong: ['a hole'] }
    const missed = { fault: 'a fault', caught: false, seen: 'nothing' }
    const broken = { outcome: { findings: [...outcome.findings, lost], planted: [missed] } }
    expect(section(broken)).toContain(
      '**Does not hold as promised: 1 of 2 findings are not as promised; 1 of 1 planted',
    )
    expect(summaryOf(proof, broken)).toMatch(/! a hole\n.*NOT CAUGHT/)
    expect(section({ impossible: 'strace is missing' })).toContain('**Not tried: strace is missing.**')
  })
})

describe('the page', () => {
  it('renews a section and keeps the others, those of unknown name behind', () => {
    const first = updatePage(
      '',
      ['P1', 'P2', 'P9'],
      new Map([
        ['P2', 'two\n'],
        ['P9', 'nine\n'],
      ]),
    )
    const second = updatePage(
      first,
      ['P1', 'P2'],
      new Map([
        ['P1', 'one\n'],
        ['P2', 'TWO\n'],
      ]),
    )
    expect(second.match(/^(?:one|two|TWO|nine)$/gm)).toEqual(['one', 'TWO', 'nine'])
    expect(updatePage(second, ['P1', 'P2'], new Map())).toBe(second)
  })
})
