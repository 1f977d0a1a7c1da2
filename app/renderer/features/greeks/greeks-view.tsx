import type { Bucket } from '../../../../core/domain/instrument.ts'
import { ExpiryTabs } from '../chain/expiry-tabs.tsx'

export function GreeksView({ onBucket }: { readonly onBucket: (bucket: Bucket) => void }) {
  return (
    <main className="greeks-view" aria-label="Greeks">
      <ExpiryTabs onSelect={onBucket} />
    </main>
  )
}
