import { type ReactNode, type RefObject, useCallback } from 'react'

interface ScrollRegionProps {
  readonly label: string
  readonly className: string
  readonly children: ReactNode
  /** Gets the element that scrolls. */
  readonly element?: RefObject<HTMLElement | null>
  readonly testId?: string
  readonly onScroll?: () => void
}

/** What scrolls can be reached and scrolled by the keyboard, also where nothing in it takes the focus. */
export function ScrollRegion({ label, className, children, element, testId, onScroll }: ScrollRegionProps) {
  const onElement = useCallback(
    (scroller: HTMLElement | null) => {
      if (scroller !== null) scroller.tabIndex = 0
      if (element !== undefined) element.current = scroller
    },
    [element],
  )
  return (
    <section ref={onElement} className={className} aria-label={label} data-testid={testId} onScroll={onScroll}>
      {children}
    </section>
  )
}
