import type { ExpiriesReport } from '../../../../core/contract/api-schema.ts'
import type { Bucket } from '../../../../core/domain/instrument.ts'
import { formatDay } from '../../lib/format.ts'
import { useMarket } from '../../store/context.ts'
import { type Tab, TabList } from '../../ui/tabs.tsx'

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
  const tabs = expiries.expiries.flatMap((expiry) => tabOf(expiry, bucket))
  return <TabList label="Expiry" className="expiry-tabs" tabs={tabs} onSelect={onSelect} />
}

function tabOf(expiry: Expiry, bucket: Bucket): readonly Tab<Bucket>[] {
  const [key] = expiry.buckets
  if (key === undefined) return []
  const title = `${expiry.monthly ? 'Monthly' : 'Weekly'}, ${expiry.buckets.map((name) => BUCKET_TITLES[name]).join(' and ')}, ${daysLeft(expiry.days_to_expiry)}`
  return [{ key, selected: expiry.buckets.includes(bucket), title, content: <ExpiryName expiry={expiry} /> }]
}

function daysLeft(days: number): string {
  return days === 0 ? 'expires today' : `expires in ${days} ${days === 1 ? 'day' : 'days'}`
}

function ExpiryName({ expiry }: { readonly expiry: Expiry }) {
  const { days_to_expiry: days, monthly, buckets } = expiry
  return (
    <>
      {formatDay(expiry.expiry)}
      <span className={days === 0 ? 'dte today' : 'dte'}>{days}d</span>
      <span className={`kind ${monthly ? 'monthly' : 'weekly'}`}>{monthly ? 'M' : 'W'}</span>
      <span className="kind">{buckets.map((name) => BUCKET_TAGS[name]).join('·')}</span>
    </>
  )
}
