import { type RefCallback, useEffect, useState } from 'react'

export interface Box {
  /** Pixels, whole; 0 before the first layout. */
  readonly width: number
  readonly height: number
}

interface SeenBox extends Box {
  readonly element: RefCallback<HTMLElement>
  readonly inSight: boolean
}

/** Size of an element, and whether it is in sight. */
export function useBox(): SeenBox {
  const [element, setElement] = useState<HTMLElement | null>(null)
  const [box, setBox] = useState<Box>({ width: 0, height: 0 })
  const [inSight, setInSight] = useState(true)
  useEffect(() => {
    if (element === null) return
    const sizes = new ResizeObserver(([entry]) => {
      if (entry === undefined) return
      const { width, height } = entry.contentRect
      setBox({ width: Math.floor(width), height: Math.floor(height) })
    })
    const sight = new IntersectionObserver(([entry]) => setInSight(entry?.isIntersecting ?? true))
    sizes.observe(element)
    sight.observe(element)
    return () => {
      sizes.disconnect()
      sight.disconnect()
    }
  }, [element])
  return { ...box, element: setElement, inSight }
}
