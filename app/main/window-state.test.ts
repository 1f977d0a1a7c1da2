import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { placeWindow, readWindowState, SMALLEST, writeWindowState } from './window-state.ts'

const FIRST = { x: 0, y: 0, width: 1920, height: 1040 }
const SECOND = { x: 1920, y: 0, width: 2560, height: 1400 }
const folder = mkdtempSync(join(tmpdir(), 'optrade-window-'))
const file = join(folder, 'window.json')
afterEach(() => rmSync(file, { force: true }))

describe('where the window opens', () => {
  it('is where it was, on whichever display that is', () => {
    const bounds = { x: 2000, y: 100, width: 1500, height: 900 }
    expect(placeWindow(bounds, [FIRST, SECOND])).toEqual(bounds)
  })

  it('is in the middle of the first display at first, and when its display is gone', () => {
    const middle = { x: 240, y: 70, width: 1440, height: 900 }
    expect(placeWindow(null, [FIRST])).toEqual(middle)
    expect(placeWindow({ x: 5000, y: 0, width: 1500, height: 900 }, [FIRST])).toEqual(middle)
  })

  it('lies within one display, however it was left', () => {
    const side = fc.integer({ min: -5000, max: 5000 })
    const size = fc.integer({ min: 1, max: 6000 })
    fc.assert(
      fc.property(fc.record({ x: side, y: side, width: size, height: size }), (wanted) => {
        const placed = placeWindow(wanted, [FIRST, SECOND])
        const holds = (display: typeof FIRST) =>
          placed.x >= display.x &&
          placed.y >= display.y &&
          placed.x + placed.width <= display.x + display.width &&
          placed.y + placed.height <= display.y + display.height
        expect([FIRST, SECOND].some(holds)).toBe(true)
        expect(placed.width).toBeGreaterThanOrEqual(SMALLEST.width)
        expect(placed.height).toBeGreaterThanOrEqual(SMALLEST.height)
      }),
    )
  })
})

describe('what the window remembers', () => {
  it('comes back as it was written', () => {
    const state = { bounds: { x: 1, y: 2, width: 1100, height: 700 }, maximised: true, toldOfClosing: true }
    writeWindowState(file, state)
    expect(readWindowState(file)).toEqual(state)
  })

  it.each(['', '{"bounds": {"x": "left"}, "maximised": 3}', '[]'])(
    'is as usual where it cannot be read: %s',
    (text) => {
      writeFileSync(file, text)
      expect(readWindowState(file)).toEqual({ bounds: null, maximised: false, toldOfClosing: false })
    },
  )
})
