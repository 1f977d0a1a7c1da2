/// <reference lib="dom" />
import { createElement, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { Line, LineChart, XAxis, YAxis } from 'recharts'

/** One line of as many points as a day has samples, as recharts draws it, with another last point ten times a second. */

const POINTS = 2_000
const EVERY_MS = 100

const point = (at: number) => ({ at, value: 24_000 + 60 * Math.sin(at / 90) + 8 * Math.sin(at * 1.7) })

function Chart() {
  const [data, setData] = useState(() => Array.from({ length: POINTS }, (_, at) => point(at)))
  useEffect(() => {
    const timer = setInterval(
      () => setData((before) => [...before.slice(1), point((before.at(-1)?.at ?? 0) + 1)]),
      EVERY_MS,
    )
    return () => clearInterval(timer)
  }, [])
  return createElement(
    LineChart,
    { width: 1200, height: 500, data },
    createElement(XAxis, { dataKey: 'at', type: 'number', domain: ['dataMin', 'dataMax'] }),
    createElement(YAxis, { domain: ['dataMin', 'dataMax'] }),
    createElement(Line, { dataKey: 'value', dot: false, isAnimationActive: false }),
  )
}

const root = document.getElementById('root')
if (root !== null) createRoot(root).render(createElement(Chart))
