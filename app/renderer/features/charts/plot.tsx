import type { ReactNode } from 'react'
import { ComposedChart } from 'recharts'
import type { PlotBox } from './chart-card.tsx'
import { Grid, type Layout } from './chart-parts.tsx'

interface PlotProps {
  readonly box: PlotBox
  readonly layout: Layout
  readonly rows: readonly object[]
  /** What the picture says, in a sentence: for those who do not see it. */
  readonly about: string
  readonly children: ReactNode
}

/** What every chart stands on: its place, its data, its grid and its name. */
export function Plot({ box, layout, rows, about, children }: PlotProps) {
  return (
    <ComposedChart
      width={box.width}
      height={box.height}
      data={[...rows]}
      margin={layout.margin}
      role="img"
      aria-label={about}
    >
      <Grid />
      {children}
    </ComposedChart>
  )
}
