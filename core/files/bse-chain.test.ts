import { describe, expect, it } from 'vitest'
import { istInstant } from '../domain/ist.ts'
import { readBseChain } from './bse-chain.ts'

const ROW = {
  C_Series_Code: 'SENSEX2671677400CE',
  C_Open_Interest: '38,518',
  C_Absolute_Change_OI: '14641',
  C_Last_Trd_Price: '451.20',
  C_NetChange: '-3.50',
  C_Vol_Traded: '274342',
  C_BidPrice: '451.00',
  C_OfferPrice: '451.55',
  C_IV: '15.803093228015799298624700',
  Strike_Price: '77,400.00',
  Strike_Price1: '77400.00',
  Open_Interest: '',
  Absolute_Change_OI: '',
  Last_Trd_Price: '',
  NetChange: '',
  Vol_Traded: '',
  BidPrice: '480.05',
  OfferPrice: '0.00',
  IV: '',
  UlaValue: '77397.77',
  End_TimeStamp: '16 Jul 2026',
  p_Series_Code: 'SENSEX2671677400PE',
}
const CHAIN = { Table: [ROW], ASON: { DT_TM: '13 Jul 2026 | 15:30 ' }, tot_C_Open_Interest: '38518' }

describe('readBseChain', () => {
  it('reads a call by its prefix, a put without one, blank as none', () => {
    const read = readBseChain(CHAIN, null)
    expect(read).toMatchObject({ index: 'SENSEX', spot: 77_397.77, oiUnit: 'lots' })
    expect(read?.asOf).toBe(istInstant('2026-07-13', '15:30'))
    expect(read?.legs).toEqual([
      {
        expiry: '2026-07-16',
        strike: 77_400,
        right: 'CE',
        last: 451.2,
        bid: 451,
        ask: 451.55,
        volume: 274_342,
        oi: 38_518,
        oiChange: 14_641,
        priceChange: -3.5,
        publishedIv: expect.closeTo(0.158030932280158, 14),
        quotedAt: null,
      },
      {
        expiry: '2026-07-16',
        strike: 77_400,
        right: 'PE',
        last: null,
        bid: 480.05,
        ask: null,
        volume: null,
        oi: null,
        oiChange: null,
        priceChange: null,
        publishedIv: null,
        quotedAt: null,
      },
    ])
  })

  it('takes the expiry that it is told where the rows name none, and their own where they do', () => {
    const { End_TimeStamp: _, ...bare } = ROW
    expect(readBseChain({ Table: [bare] }, '2026-07-16')?.legs[0]?.expiry).toBe('2026-07-16')
    expect(readBseChain({ Table: [bare] }, null)?.legs).toEqual([])
    expect(readBseChain({ Table: [ROW] }, '2026-07-23')?.legs[0]?.expiry).toBe('2026-07-16')
  })

  it('bears other spellings, wrappings and numbers that are numbers', () => {
    const { Strike_Price1: _, C_Series_Code: __, UlaValue: ___, ...rest } = ROW
    const odd = { ...rest, Strike_Price: 77_400, C_LAST_TRD_PRICE: 450, Ula_Code: 'bankex' }
    const read = readBseChain({ data: { Table: [odd] }, UlaValue: 77_000, ASON: '13 Jul 2026 | 10:00' }, null)
    expect(read).toMatchObject({ index: 'BANKEX', spot: 77_000, asOf: istInstant('2026-07-13', '10:00') })
    expect(read?.legs[0]).toMatchObject({ strike: 77_400, last: 450 })
  })

  it.each([null, [], {}, { Table: [] }, { Table: [{}] }, { Table: 'x' }, { records: { data: [{ CE: {} }] } }])(
    'is none in %j',
    (content) => expect(readBseChain(content, null)).toBeNull(),
  )
})
