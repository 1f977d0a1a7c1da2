import { describe, expect, it } from 'vitest'
import { createPreferences } from './preferences.ts'

function storage(text: string | null = null) {
  const kept = { text }
  return {
    kept,
    getItem: () => kept.text,
    setItem(_: string, value: string) {
      kept.text = value
    },
  }
}

describe('preferences', () => {
  it('are kept and read again', () => {
    const place = storage()
    createPreferences(place).setState({ school: 'ce_green', price: ['oi', 'ltp'] })
    expect(createPreferences(place).getState()).toMatchObject({ school: 'ce_green', price: ['oi', 'ltp'] })
  })

  it('drop what is unknown, and keep the rest', () => {
    const place = storage('{"price":["ltp","gone","ltp","oi"],"theme":"neon","units":"quantity","extra":1}')
    const read = createPreferences(place).getState()
    expect(read).toMatchObject({ price: ['ltp', 'oi'], theme: 'system', units: 'quantity' })
    expect(read).not.toHaveProperty('extra')
  })

  it.each(['', '{', '[]', '7', '{"price":[],"greeks":7}'])('are as delivered when %s is stored', (text) => {
    expect(createPreferences(storage(text)).getState()).toEqual(createPreferences(storage()).getState())
  })

  it('keep an expiry for each index, and drop one that nobody knows', () => {
    const place = storage()
    createPreferences(place).setState({ buckets: { NIFTY: 'next_week', SENSEX: 'this_month' } })
    expect(createPreferences(place).getState().buckets).toEqual({ NIFTY: 'next_week', SENSEX: 'this_month' })
    expect(createPreferences(storage('{"buckets":{"NIFTY":"some_day"}}')).getState().buckets).toEqual({})
  })

  it('hold for the moment where nothing can be kept', () => {
    const store = createPreferences({
      getItem: () => null,
      setItem: () => {
        throw new Error('full')
      },
    })
    store.setState({ units: 'quantity' })
    expect(store.getState().units).toBe('quantity')
  })
})
