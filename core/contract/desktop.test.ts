import { describe, expect, it } from 'vitest'
import { DESKTOP_CALL_NAMES, envelopeSchema, followSchema, readDesktopInput } from './desktop.ts'

describe('what the desktop window can ask', () => {
  it('is read by its schema', () => {
    expect(readDesktopInput('chooseFolder', { title: 'Data' })).toEqual({ title: 'Data', from: null })
    expect(() => readDesktopInput('setAutostart', { enabled: 'yes' })).toThrow('setAutostart')
    expect(() => readDesktopInput('chooseFile', { title: 'Key', extensions: ['../exe'] })).toThrow('chooseFile')
    expect(DESKTOP_CALL_NAMES).toContain('facts')
  })

  it('follows known topics only, and not without end', () => {
    expect(followSchema.safeParse({ topics: ['chain:NIFTY:this_week', 'health'] }).success).toBe(true)
    expect(followSchema.safeParse({ topics: ['everything'] }).success).toBe(false)
    expect(followSchema.safeParse({ topics: Array.from({ length: 17 }, () => 'health') }).success).toBe(false)
  })

  it('is answered by an envelope', () => {
    expect(envelopeSchema.safeParse({ ok: true, value: null }).success).toBe(true)
    expect(envelopeSchema.safeParse({ ok: false, value: null }).success).toBe(false)
  })
})
