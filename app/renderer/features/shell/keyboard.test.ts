import { describe, expect, it } from 'vitest'
import { commandOf } from './keyboard.ts'
import { VIEW_FACTS, VIEWS } from './views.ts'

const press = (key: string, more = {}) => ({ key, ctrlKey: false, altKey: false, metaKey: false, ...more })

describe('keys', () => {
  it('of the chain leave the other views their own', () => {
    expect(commandOf(press('ArrowDown'), 'chain')).toEqual({ kind: 'strike', by: 1 })
    expect(commandOf(press('PageUp'), 'chain')).toEqual({ kind: 'strike', by: -10 })
    for (const key of ['ArrowDown', 'PageUp', 'Home', ' ', 'g', 'c', '/', 'b', 'p', 'ArrowLeft']) {
      expect(commandOf(press(key), 'health')).toBeNull()
    }
    expect(commandOf(press('ArrowLeft'), 'charts')).toEqual({ kind: 'expiry', by: -1 })
  })

  it('lead to every view from every view, in either case', () => {
    for (const from of VIEWS) {
      for (const view of VIEWS) {
        expect(commandOf(press(VIEW_FACTS[view].key), from)).toEqual({ kind: 'view', view })
        expect(commandOf(press(VIEW_FACTS[view].key.toLowerCase()), from)).toEqual({ kind: 'view', view })
      }
    }
  })

  it('are the browser’s with Ctrl, Alt and Meta', () => {
    for (const modifier of ['ctrlKey', 'altKey', 'metaKey']) {
      expect(commandOf(press('c', { [modifier]: true }), 'chain')).toBeNull()
    }
  })

  it('name the indices', () => {
    expect(commandOf(press('5'), 'alerts')).toEqual({ kind: 'index', index: 'SENSEX' })
    expect(commandOf(press('0'), 'alerts')).toBeNull()
    expect(commandOf(press('6'), 'alerts')).toBeNull()
  })
})
