import { useLayoutEffect, useState } from 'react'
import type { Bucket } from '../../../../core/domain/instrument.ts'

/** The library of charts is as large as all the rest of the page: it is fetched when the first paint is over. */
const load = async () => {
  const parts = [import('../charts/charts-view.tsx'), import('../greeks/greeks-view.tsx')] as const
  const [{ ChartsView }, { GreeksView }] = await Promise.all(parts)
  return { ChartsView, GreeksView }
}
type ChartedViews = Awaited<ReturnType<typeof load>>

const RETRY_MS = 1_000

/** Fetches them before they are asked for. */
export function preloadChartedViews(): void {
  requestIdleCallback(() => void load().catch(() => {}))
}

interface LateViewProps {
  readonly view: 'charts' | 'greeks'
  readonly onBucket: (bucket: Bucket) => void
}

/** A view with charts, as soon as it is there; what was fetched before is there at once. */
export function LateView({ view, onBucket }: LateViewProps) {
  const views = useChartedViews()
  if (views === null) {
    return (
      <main className="charts-view" aria-label={view === 'charts' ? 'Charts' : 'Greeks'}>
        <div className="waiting" role="status" aria-busy="true">
          <i className="spinner" aria-hidden="true" />
          <h2>Loading the charts …</h2>
        </div>
      </main>
    )
  }
  const View = view === 'charts' ? views.ChartsView : views.GreeksView
  return <View onBucket={onBucket} />
}

/** Asks again until they come: a monitor that is being restarted serves no files. */
function useChartedViews(): ChartedViews | null {
  const [views, setViews] = useState<ChartedViews | null>(null)
  useLayoutEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = () => {
      load().then(setViews, () => {
        timer = setTimeout(ask, RETRY_MS)
      })
    }
    ask()
    return () => clearTimeout(timer)
  }, [])
  return views
}
