import { describe, expect, it } from 'vitest'
import type { ChainLegRow } from '../../../../core/contract/chain-stream.ts'
import { legRow, wholeChain } from '../../../../core/testing/chain-messages.ts'
import { applyMessages } from '../../store/chain-data.ts'
import { marksOf } from './marks.ts'

/** A leg's row with open interest, units. */
function withOi(slot: number, oi: number): ChainLegRow {
  const row = legRow(slot, 10)
  row[10] = oi
  return row
}

const marksAt = (rows: ChainLegRow[], strike: number) =>
  marksOf({ chain: applyMessages(null, [wholeChain(rows)]) }, strike).join(' ')

describe('the marks of a strike', () => {
  const rows = [withOi(0, 10), withOi(1, 90), withOi(2, 20), withOi(3, 30), withOi(4, 70)]

  it('stand where most open interest of calls and of puts is', () => {
    expect([24_000, 24_050, 24_100].map((strike) => marksAt(rows, strike))).toEqual(['S', '', 'R'])
  })

  it('stand nowhere while only a window of the chain is known', () => {
    const window = [withOi(2, 20), withOi(3, 30)]
    expect([24_000, 24_050, 24_100].map((strike) => marksAt(window, strike))).toEqual(['', '', ''])
  })
})
