import type { Bucket } from '../../../../core/domain/instrument.ts'
import { ExpiryTabs } from '../chain/expiry-tabs.tsx'

export function ChartsView({ onBucket }: { readonly onBucket: (bucket: Bucket) => void }) {
  return (
    <main className="charts-view" aria-label="Charts">
      <ExpiryTabs onSelect={onBucket} />
    </main>
  )
}
