import { type RefObject, useLayoutEffect } from 'react'

/**
 * Where the columns do not fit, the strikes stand in the middle: at first, whenever the ATM is asked for, and when the
 * window gets another size, unless the user has scrolled them aside.
 */
export function useSideways(scroller: RefObject<HTMLElement | null>, columns: string, centreCount = 0): void {
  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null || columns === '' || centreCount < 0) return
    const room = () => element.scrollWidth - element.clientWidth
    let left = element.scrollLeft
    const toMiddle = () => {
      element.scrollLeft = room() / 2
      left = element.scrollLeft
    }
    toMiddle()
    const resized = new ResizeObserver(() => {
      // In a wider window the browser itself moves what cannot stand so far aside any more.
      if (Math.abs(element.scrollLeft - Math.min(left, room())) <= 1) toMiddle()
    })
    resized.observe(element)
    return () => resized.disconnect()
  }, [columns, scroller, centreCount])
}
