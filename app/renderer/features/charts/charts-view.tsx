import { useMemo, useState } from 'react'
import type { Bucket } from '../../../../core/domain/instrument.ts'
import { istDate } from '../../../../core/domain/ist.ts'
import { formatDay } from '../../lib/format.ts'
import { useMarket, usePreferences, useStores } from '../../store/context.ts'
import { DayChooser } from '../../ui/day-chooser.tsx'
import { ScrollRegion } from '../../ui/scroll-region.tsx'
import { ChainNotice, NoChain } from '../chain/chain-notice.tsx'
import { ExpiryTabs } from '../chain/expiry-tabs.tsx'
import { useChainName, useEscape, useLiveState } from './chain-state.ts'
import { DayCard } from './day-card.tsx'
import { DAY_CHARTS } from './day-lines.ts'
import { type Desk, DeskContext } from './desk.ts'
import { ExposureCard } from './exposure-card.tsx'
import { IvHistoryCard } from './iv-history-card.tsx'
import { InterestChangeCard, OpenInterestCard } from './pair-bars-card.tsx'
import { type TimeRange, WHOLE_DAY } from './range-brush.tsx'
import { ReachChoice } from './reach-choice.tsx'
import { SampledChain } from './sampled-chain.tsx'
import { SmileCard } from './smile-card.tsx'
import { TermStructureCard } from './term-structure-card.tsx'
import { useAnswer } from './use-answer.ts'
import { useDaySeries } from './use-day-series.ts'
import { useSummary } from './use-summary.ts'

const PREVIOUS_MS = 600_000

/** Charts of one chain and of its day. */
export function ChartsView({ onBucket }: { readonly onBucket: (bucket: Bucket) => void }) {
  const [chosen, setDate] = useState<string | null>(null)
  const isPast = useMarket(({ past }) => past !== null)
  // An instant of the record brings its own day.
  const date = isPast ? null : chosen
  const [maximised, setMaximised] = useState<string | null>(null)
  const today = useMarket(({ now }) => (now === null ? null : istDate(now)))
  const name = useChainName()
  const state = useLiveState()
  useEscape(maximised !== null, () => setMaximised(null))
  const desk = useMemo<Desk>(() => ({ name, maximised, setMaximised }), [name, maximised])
  return (
    <main className={`charts-view ${state}`} aria-label="Charts">
      <div className="toolbar">
        <ExpiryTabs onSelect={onBucket} />
        <div className="tools">
          <ReachChoice />
          <RateChoice />
          {today === null || isPast ? null : (
            <DayChooser label="Charts of the day" date={date ?? today} today={today} onDate={setDate} />
          )}
        </div>
      </div>
      <ChainNotice />
      {date === null ? null : (
        <p className="day-note" role="status">
          Lines through the day are of{' '}
          <strong>
            {formatDay(date)} {date.slice(0, 4)}
          </strong>
          ; smile, open interest, exposure and term structure are of now.
        </p>
      )}
      {state === 'none' ? (
        <NoChain />
      ) : (
        <DeskContext value={desk}>
          <ScrollRegion
            className={`chart-grid${maximised === null ? '' : ' one'}`}
            label="Charts of the chain and its day"
          >
            <Cards date={date} />
          </ScrollRegion>
        </DeskContext>
      )}
    </main>
  )
}

function Cards({ date }: { readonly date: string | null }) {
  const reach = usePreferences((preferences) => preferences.chartReach)
  const { index, bucket } = useMarket((state) => state.selection)
  const summary = useSummary()
  const travelled = useMarket(({ past, now }) => (past === null || now === null ? undefined : istDate(now)))
  const previous = useAnswer('previousSmile', { index, bucket, date: travelled }, PREVIOUS_MS)
  const day = useDaySeries(date)
  const [range, setRange] = useRange(`${index} ${bucket} ${date}`)
  return (
    <>
      <SampledChain turn={0}>
        {(chain) => (
          <SmileCard chain={chain} reach={reach} fit={summary.result?.smile ?? null} previous={previous.result} />
        )}
      </SampledChain>
      <SampledChain turn={1}>{(chain) => <OpenInterestCard chain={chain} reach={reach} />}</SampledChain>
      {DAY_CHARTS.slice(0, 2).map((chart) => (
        <DayCard key={chart.id} chart={chart} answer={day} date={date} range={range} onRange={setRange} />
      ))}
      <SampledChain turn={2}>{(chain) => <InterestChangeCard chain={chain} reach={reach} />}</SampledChain>
      <SampledChain turn={3}>{(chain) => <ExposureCard chain={chain} reach={reach} />}</SampledChain>
      <TermStructureCard answer={summary} />
      {DAY_CHARTS.slice(2).map((chart) => (
        <DayCard key={chart.id} chart={chart} answer={day} date={date} range={range} onRange={setRange} />
      ))}
      <SampledChain turn={0}>
        {({ metrics }) => (
          <IvHistoryCard standing={summary.result?.iv_standing ?? null} ivNow={inPercent(metrics?.atm_iv ?? null)} />
        )}
      </SampledChain>
    </>
  )
}

function inPercent(share: number | null): number | null {
  return share === null ? null : 100 * share
}

/** The part of the day that all time charts show; another day or chain is whole again. */
function useRange(subject: string): readonly [TimeRange, (range: TimeRange) => void] {
  const [held, setHeld] = useState({ subject, range: WHOLE_DAY })
  const setRange = useMemo(() => (range: TimeRange) => setHeld({ subject, range }), [subject])
  return [held.subject === subject ? held.range : WHOLE_DAY, setRange]
}

function RateChoice() {
  const { preferences } = useStores()
  const rate = usePreferences((state) => state.chartRate)
  return (
    <label className="rate" title="How often the charts of the chain are drawn anew">
      <select value={rate} onChange={(event) => preferences.setState({ chartRate: Number(event.target.value) })}>
        <option value={1}>1 / s</option>
        <option value={2}>2 / s</option>
        <option value={5}>5 / s</option>
        <option value={10}>10 / s</option>
      </select>
      <span className="visually-hidden">Updates a second</span>
    </label>
  )
}
