import { useStore } from 'zustand'
import { INDEX_NAMES, type IndexName } from '../../../../core/domain/index-catalog.ts'
import { istDate, istTime } from '../../../../core/domain/ist.ts'
import type { Link } from '../../client/monitor-client.ts'
import { formatDay, formatNumber, formatTimeOfDay } from '../../lib/format.ts'
import { useMarket, useStores } from '../../store/context.ts'
import { sessionOf, spotOf } from '../../store/market.ts'
import { Num } from '../../ui/num.tsx'
import { TabList } from '../../ui/tabs.tsx'

interface TopBarProps {
  readonly onIndex: (index: IndexName) => void
  readonly onExport: () => void
  readonly onDisplay: () => void
  readonly onHelp: () => void
}

/** Indices, views, time and connection: the same on every view. */
export function TopBar({ onIndex, onExport, onDisplay, onHelp }: TopBarProps) {
  const isLost = useMarket((state) => state.link === 'lost')
  return (
    <header className={`top-bar${isLost ? ' lost' : ''}`}>
      <span className="brand">
        OP<span>Trading</span>
      </span>
      <IndexTabs onIndex={onIndex} />
      <span className="gap" />
      <Session />
      <MarketClock />
      <LinkBadge />
      <HistoryButton />
      <ExportButton onExport={onExport} />
      <button type="button" className="icon" onClick={onDisplay} title="Display (S)" aria-label="Display">
        ◐
      </button>
      <button type="button" className="icon" onClick={onHelp} title="Keys (?)" aria-label="Keys">
        ?
      </button>
    </header>
  )
}

/** Opens the export, and says how far one that runs has come. */
function ExportButton({ onExport }: { readonly onExport: () => void }) {
  const { exports } = useStores()
  const progress = useStore(exports.store, ({ job }) => (job?.state === 'running' ? job.progress : null))
  const share = progress === null ? null : formatNumber('percent', progress)
  return (
    <button
      type="button"
      className="icon export"
      onClick={onExport}
      title="Export recorded legs (E)"
      aria-label={share === null ? 'Export' : `Export ${share}`}
    >
      ⤓ <span className="word">Export</span> {share === null ? null : <small className="figures">{share}</small>}
    </button>
  )
}

function HistoryButton() {
  const { travel } = useStores()
  const isPast = useMarket(({ past }) => past !== null)
  return (
    <button
      type="button"
      aria-pressed={isPast}
      onClick={() => (isPast ? travel.leave() : travel.open())}
      title={isPast ? 'Back to live (L)' : 'The screen at an earlier instant (T)'}
      aria-label={isPast ? 'Live' : 'History'}
    >
      ↺ <span className="word">{isPast ? 'Live' : 'History'}</span>
    </button>
  )
}

/** The element that the tabs of the index change. */
export const PAGE_ID = 'page'

function IndexTabs({ onIndex }: { readonly onIndex: (index: IndexName) => void }) {
  const selected = useMarket((state) => state.selection.index)
  const collected = useMarket((state) => state.indices?.indices.map((entry) => entry.index).join(' ') ?? '')
  const isCollected = (index: IndexName) => collected === '' || collected.split(' ').includes(index)
  const tabs = INDEX_NAMES.map((index, place) => ({
    key: index,
    selected: index === selected,
    disabled: !isCollected(index),
    title: isCollected(index) ? `${index} (${place + 1})` : `${index} is not collected (INDICES)`,
    content: (
      <>
        {index}
        <IndexSpot index={index} />
      </>
    ),
  }))
  return <TabList label="Index" className="index-tabs" controls={PAGE_ID} tabs={tabs} onSelect={onIndex} />
}

function IndexSpot({ index }: { readonly index: IndexName }) {
  const spot = useMarket((state) => spotOf(state, index))
  return (
    <small>
      <Num kind="price" value={spot} />
    </small>
  )
}

const PHASES: Readonly<Record<string, string>> = {
  pre_open: 'Pre-open',
  open: 'Open',
  cash_auction: 'Cash auction',
  fo_only: 'F&O only',
  closed: 'Closed',
  holiday: 'Holiday',
}

/** Phase of the market and how long it lasts; a holiday or a special session by its name. */
function Session() {
  const market = useMarket(sessionOf)
  const now = useMarket((state) => state.now)
  const asOf = useMarket((state) => (state.link === 'lost' ? state.asOf : null))
  if (market === null) return null
  if (asOf !== null) {
    return (
      <span className="phase" title="The phase of the market when the monitor last answered">
        <strong>
          Was {(PHASES[market.phase] ?? market.phase).replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())}
        </strong>
        <small>at {istTime(asOf)}</small>
      </span>
    )
  }
  const left = now === null || market.until === null ? null : Math.max(0, (Date.parse(market.until) - now) / 1000)
  const isOver = market.phase === 'closed' || market.phase === 'holiday'
  return (
    <span className={`phase ${market.phase}`} title={market.note ?? undefined}>
      <strong>
        {PHASES[market.phase] ?? market.phase}
        {market.note === null ? null : (
          <span className="note">
            <span>{market.note}</span>
          </span>
        )}
      </strong>
      <small>
        {left === null ? null : `${isOver ? 'opens in ' : 'for '}${formatNumber('seconds', Math.floor(left))}`}
      </small>
    </span>
  )
}

/** The market's clock, never the browser's: IST, with the exchange's own time and the age of the newest packet. */
function MarketClock() {
  const now = useMarket((state) => state.now)
  const link = useMarket((state) => state.link)
  const exchange = useMarket((state) => state.chain?.head.exchange_ts ?? null)
  const lag = useMarket((state) => state.health?.feed.lag_ms ?? null)
  return (
    <span
      className="clock"
      title="Market clock (IST), newest exchange time of this chain, age of the feed's last packet"
    >
      <strong>
        {now === null ? '--:--:--' : istTime(now)} <span className="unit">IST</span>
      </strong>
      <small>
        {now === null ? '' : `${formatDay(istDate(now))} · `}
        exch {exchange === null ? '–' : formatTimeOfDay(exchange, now)} · lag{' '}
        <Num kind="seconds" value={lag === null || link === 'lost' ? null : lag / 1000} />
      </small>
    </span>
  )
}

/** How the data comes, in one word. */
function LinkBadge() {
  const link = useMarket((state) => state.link)
  const frozen = useMarket((state) => state.frozen)
  const isPast = useMarket(({ past }) => past !== null)
  const issues = useMarket((state) => state.health?.issues.join(' ') ?? '')
  const rate = useMarket((state) => Math.round(state.health?.feed.legs_per_second ?? 0))
  const symbols = useMarket((state) => state.health?.indices.reduce((sum, row) => sum + row.subscribed, 0) ?? 0)
  const paused = useMarket((state) => state.health?.collecting.paused ?? false)
  const closed = useMarket((state) => ['closed', 'holiday'].includes(state.health?.market.phase ?? ''))
  const [name, word, detail] = badgeOf({ isPast, link, frozen, paused, closed, issues, rate, symbols })
  const title = issues === '' ? 'Instruments that are watched, option packets a second' : issues.replaceAll('_', ' ')
  return (
    <span className={`badge ${name}`} title={title} data-testid="link">
      <i aria-hidden="true" />
      <span>
        <strong role="status">{word}</strong>
        <small>{detail}</small>
      </span>
    </span>
  )
}

interface BadgeFacts {
  readonly isPast: boolean
  readonly link: Link
  readonly frozen: boolean
  readonly paused: boolean
  /** No session now. */
  readonly closed: boolean
  /** Codes, by spaces. */
  readonly issues: string
  readonly rate: number
  readonly symbols: number
}

function badgeOf({
  isPast,
  link,
  frozen,
  paused,
  closed,
  issues,
  rate,
  symbols,
}: BadgeFacts): readonly [string, string, string] {
  if (isPast) return ['past', 'History', 'not live']
  if (link === 'lost') return ['bad', 'Disconnected', 'trying again']
  if (link === 'connecting') return ['wait', 'Connecting', '…']
  if (issues.includes('login_required')) return ['bad', 'Login needed', 'see Health']
  if (frozen) return ['wait', 'Frozen', 'Space to go on']
  if (paused) return ['wait', 'Paused', 'nothing is recorded']
  const rates = `${formatNumber('integer', rate)} legs/s`
  if (issues !== '') return ['warn', 'Degraded', `${rates}, see Health`]
  if (closed) return ['wait', 'Market closed', 'connected']
  if (symbols === 0) return ['wait', 'Waiting', 'for the list of contracts']
  if (rate === 0) return ['wait', 'Waiting', 'for prices']
  return ['good', 'Streaming', `${rates} of ${formatNumber('integer', symbols)} symbols`]
}
