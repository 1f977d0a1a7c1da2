/** How a series is drawn, so that it is told apart without its colour. */
export type MarkShape = 'line' | 'dashed' | 'dotted' | 'dot' | 'ring' | 'triangle' | 'hollow' | 'bar' | 'outline'

export interface LegendEntry {
  readonly name: string
  readonly color: string
  readonly shape: MarkShape
}

/** A small drawing of how a series looks; `currentcolor` by the style of the entry would not reach a canvas. */
export function Swatch({ color, shape }: { readonly color: string; readonly shape: MarkShape }) {
  return (
    <svg className="chart-swatch" width="18" height="10" viewBox="0 0 18 10" aria-hidden="true">
      <SwatchShape color={color} shape={shape} />
    </svg>
  )
}

const DASHES: Partial<Record<MarkShape, string>> = { dashed: '5 3', dotted: '2 3' }

function SwatchShape({ color, shape }: { readonly color: string; readonly shape: MarkShape }) {
  switch (shape) {
    case 'line':
    case 'dashed':
    case 'dotted':
      return <line x1="0" x2="18" y1="5" y2="5" stroke={color} strokeWidth="2" strokeDasharray={DASHES[shape]} />
    case 'dot':
      return <circle cx="9" cy="5" r="3.2" fill={color} />
    case 'ring':
      return <circle cx="9" cy="5" r="2.8" fill="none" stroke={color} strokeWidth="1.2" />
    case 'triangle':
      return <path d={trianglePath(9, 5, 3.6)} fill={color} />
    case 'hollow':
      return <path d={trianglePath(9, 5, 3.2)} fill="none" stroke={color} strokeWidth="1.2" />
    case 'bar':
      return <rect x="4" y="1" width="10" height="8" fill={color} />
    case 'outline':
      return <rect x="4.5" y="1.5" width="9" height="7" fill={color} fillOpacity={OUTLINE_FILL} stroke={color} />
  }
}

/** Bars of puts are pale with an edge, those of calls full. */
export const OUTLINE_FILL = 0.3

export function trianglePath(x: number, y: number, size: number): string {
  return `M${x} ${y - size}L${x + size} ${y + 0.8 * size}L${x - size} ${y + 0.8 * size}Z`
}
