import type { PriceMetric, PriceTarget } from '../../../../core/contract/alerts.ts'

/** How far from the threshold the ends of the gauge are, as a share of it; levels of an index move by little. */
const REACH: { readonly [Metric in PriceMetric]?: number } = {
  spot: 0.02,
  future: 0.02,
  forward: 0.02,
  max_pain: 0.04,
}
const USUAL_REACH = 0.4
const WIDTH = 120

/** The threshold in the middle, the side where the rule fires coloured, and where the value is. */
export function ThresholdGauge({ target, current }: { readonly target: PriceTarget; readonly current: number }) {
  const { metric, condition } = target
  if (condition.op === 'moves') return null
  const reach = Math.abs(condition.value) * (REACH[metric] ?? USUAL_REACH) || 1
  const share = Math.min(1, Math.max(-1, (current - condition.value) / reach))
  const place = (WIDTH / 2) * (1 + 0.94 * share)
  const from = condition.op === 'above' ? WIDTH / 2 : 0
  return (
    <svg className="gauge" viewBox={`0 0 ${WIDTH} 10`} aria-hidden="true">
      <rect className="gauge-track" x="0" y="3" width={WIDTH} height="4" rx="2" />
      <rect className="gauge-side" x={from} y="3" width={WIDTH / 2} height="4" />
      <rect className="gauge-line" x={WIDTH / 2 - 0.6} y="0" width="1.2" height="10" />
      <circle className="gauge-now" cx={place} cy="5" r="3.6" />
    </svg>
  )
}
