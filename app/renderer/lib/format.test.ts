import { describe, expect, it } from 'vitest'
import { formatDay, formatNumber, type NumberKind } from './format.ts'

describe('numbers', () => {
  it.each<[NumberKind, number, string]>([
    ['price', 12_345_678.9, '1,23,45,678.90'],
    ['price', 0, '0.00'],
    ['price', -4.5, '−4.50'],
    ['strike', 24_450, '24,450'],
    ['strike', 312.5, '312.5'],
    ['change', 3.2, '+3.20'],
    ['change', -3.2, '−3.20'],
    ['change', 0.001, '0.00'],
    ['change', -0.001, '0.00'],
    ['change_percent', -0.0512, '−5.1%'],
    ['iv', 0.14321, '14.32'],
    ['delta', -0.4821, '−0.482'],
    ['pcr', 0.98485, '0.9849'],
    ['gamma', 0.00307, '0.00307'],
    ['quantity', 12_345_678, '1,23,45,678'],
    ['quantity_change', 1500, '+1,500'],
    ['seconds', 0.31, '0.3 s'],
    ['seconds', 185, '3 m 05 s'],
    ['seconds', 18_540, '5 h 09 m'],
    ['seconds', 183_600, '2 d 3 h'],
    ['theta', -12.345, '−12.35'],
    ['theta', -14_156.75, '−14,157'],
  ])('%s of %d is %s', (kind, value, text) => expect(formatNumber(kind, value)).toBe(text))

  it.each<[number, string]>([
    [7, '7'],
    [999, '999'],
    [1_204, '1.20K'],
    [45_000, '45.0K'],
    [104_000, '1.04L'],
    [1_230_000, '12.3L'],
    [12_000_000, '1.20Cr'],
    [-3_290_000, '−32.9L'],
  ])('%d is %s in lakh and crore', (value, text) => expect(formatNumber('quantity', value, 'short')).toBe(text))

  it.each([null, Number.NaN, Number.POSITIVE_INFINITY])('%s is a dash, never zero', (value) =>
    expect(formatNumber('price', value)).toBe('–'),
  )
})

it('writes days without the locale of the browser', () => expect(formatDay('2026-11-04')).toBe('4 Nov'))
