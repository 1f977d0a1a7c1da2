import type { ExpiriesReport } from '../../../../core/contract/api-schema.ts'
import type { Bucket } from '../../../../core/domain/instrument.ts'
import { formatDay } from '../../lib/format.ts'
import { useMarket } from '../../store/context.ts'

type Expiry = ExpiriesReport['expiries'][number]

const BUCKET_TAGS: Readonly<Record<Bucket, string>> = {
  this_week: 'CW',
  next_week: 'NW',
  this_month: 'CM',
  next_month: 'NM',
}
const BUCKET_TITLES: Readonly<Record<Bucket, string>> = {
  this_week: 'current week',
  next_week: 'next week',
  this_month: 'current month',
  next_month: 'next month',
}

/** The listed expiries of the index that are watched, nearest first. */
export function ExpiryTabs({ onSelect }: { readonly onSelect: (bucket: Bucket) => void }) {
  const expiries = useMarket((state) => state.expiries)
  const bucket = useMarket((state) => state.selection.bucket)
  if (expiries === null) return <div className="expiry-tabs" aria-busy="true" />
  return (
    <div className="expiry-tabs" role="tablist" aria-label="Expiry">
      {expiries.expiries.map((expiry) => (
        <ExpiryTab key={expiry.expiry} expiry={expiry} selected={expiry.buckets.includes(bucket)} onSelect={onSelect} />
      ))}
    </div>
  )
}

interface ExpiryTabProps {
  readonly expiry: Expiry
  readonly selected: boolean
  readonly onSelect: (bucket: Bucket) => void
}

function ExpiryTab({ expiry, selected, onSelect }: ExpiryTabProps) {
  const [first] = expiry.buckets
  if (first === undefined) return null
  const title = `${expiry.monthly ? 'Monthly' : 'Weekly'}, ${expiry.buckets.map((name) => BUCKET_TITLES[name]).join(' and ')}`
  return (
    <button
      type="button"
      role="tab"
      aria-selected={selected}
      className="tab"
      title={title}
      onClick={() => onSelect(first)}
    >
      {formatDay(expiry.expiry)}
      <span className="dte">{expiry.days_to_expiry}d</span>
      <span className={`kind ${expiry.monthly ? 'monthly' : 'weekly'}`}>{expiry.monthly ? 'M' : 'W'}</span>
      <span className="kind">{expiry.buckets.map((name) => BUCKET_TAGS[name]).join('·')}</span>
    </button>
  )
}
