import { describe, expect, it } from 'vitest'
import { groupBy } from './group-by.ts'
import { createSignal } from './signal.ts'

describe('signal', () => {
  it('tells every listener, in order, until it leaves', () => {
    const signal = createSignal<number>()
    const heard: string[] = []
    const leave = signal.subscribe((value) => heard.push(`a${value}`))
    signal.subscribe((value) => heard.push(`b${value}`))
    signal.emit(1)
    leave()
    leave()
    signal.emit(2)
    expect(heard).toEqual(['a1', 'b1', 'b2'])
  })

  it('lets listeners come and go while it tells them', () => {
    const signal = createSignal<number>()
    const heard: string[] = []
    const leave = signal.subscribe((value) => {
      heard.push(`a${value}`)
      leave()
      signal.subscribe((later) => heard.push(`c${later}`))
    })
    signal.subscribe((value) => heard.push(`b${value}`))
    signal.emit(1)
    signal.emit(2)
    expect(heard).toEqual(['a1', 'b1', 'b2', 'c2'])
  })
})

describe('groupBy', () => {
  it('keeps the order of first appearance, and of the items of a group', () => {
    const groups = groupBy([5, 2, 8, 3, 9, 4], (n) => (n % 2 === 0 ? 'even' : 'odd'))
    expect([...groups]).toEqual([
      ['odd', [5, 3, 9]],
      ['even', [2, 8, 4]],
    ])
    expect(groupBy([], String).size).toBe(0)
  })
})
