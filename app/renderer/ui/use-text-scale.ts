import { useEffect, useState } from 'react'

/** As in styles/tokens.css. */
export const textScale = (): number => (window.innerWidth >= 3200 ? 1.6 : window.innerWidth >= 2000 ? 1.2 : 1)

/** Text, rows and axes grow on large screens. */
export function useTextScale(): number {
  const [scale, setScale] = useState(textScale)
  useEffect(() => {
    const onResize = () => setScale(textScale())
    window.addEventListener('resize', onResize)
    return () => window.removeEventListener('resize', onResize)
  }, [])
  return scale
}
