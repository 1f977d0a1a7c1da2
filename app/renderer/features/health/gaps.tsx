import { useCallback, useState } from 'react'
import type { HealthReport } from '../../../../core/contract/api-schema.ts'
import type { CoverageReport } from '../../../../core/contract/operations.ts'
import { INDEX_NAMES } from '../../../../core/domain/index-catalog.ts'
import { istDate, istTime } from '../../../../core/domain/ist.ts'
import { formatDay } from '../../lib/format.ts'
import { useMarket, useStores } from '../../store/context.ts'
import { DayChooser } from '../../ui/day-chooser.tsx'
import { Num } from '../../ui/num.tsx'
import { CAUSE_WORDS, describe, listedGaps, type ShownGap } from './gap-facts.ts'
import { GapTracks } from './gap-tracks.tsx'
import { useAsked } from './use-asked.ts'

const COVERAGE_MS = 5_000

/** What is missing from the record of a day: on one line of time for each index, and as a list. */
export function Gaps({ health }: { readonly health: HealthReport }) {
  const { client } = useStores()
  const [chosen, setChosen] = useState<string | null>(null)
  const collected = useMarket((state) => state.indices?.indices.map((row) => row.index).join(' ') ?? '')
  const ask = useCallback(() => {
    const indices = INDEX_NAMES.filter((index) => collected === '' || collected.split(' ').includes(index))
    const date = chosen === null ? {} : { date: chosen }
    return Promise.all(indices.map((index) => client.ask('coverage', { index, ...date })))
  }, [client, chosen, collected])
  const today = istDate(Date.parse(health.market.time))
  const isPast = chosen !== null && chosen < today
  const { answer, fault } = useAsked(ask, isPast ? null : COVERAGE_MS)
  const date = chosen ?? answer?.[0]?.date ?? today
  return (
    <section className="gaps" aria-label="Gaps" aria-busy={answer === null && fault === null}>
      <header className="section-head">
        <h3>Gaps of {date === today ? 'today' : formatDay(date)}</h3>
        <span className="gap" />
        <DayChooser label="Gaps of the day" date={date} today={today} onDate={setChosen} />
      </header>
      {fault === null ? null : (
        <p className="fault" role="alert">
          The gaps cannot be read: {fault}
        </p>
      )}
      {answer === null ? <p className="hint">{fault === null ? 'Reading the record …' : ''}</p> : null}
      {answer === null ? null : <Report reports={answer} now={Date.parse(health.market.time)} />}
    </section>
  )
}

function Report({ reports, now }: { readonly reports: readonly CoverageReport[]; readonly now: number }) {
  const [told, setTold] = useState<string | null>(null)
  const gaps = listedGaps(reports)
  const gap = gaps.find(({ key }) => key === told)
  const isHoliday = reports.every(({ session }) => session === null)
  if (isHoliday) return <p className="hint">No session on this day.</p>
  return (
    <>
      <GapTracks reports={reports} now={now} onTell={setTold} />
      <p className="told figures" role="status">
        {gap === undefined ? hintOf(reports, gaps) : describe(gap)}
      </p>
      {gaps.length === 0 ? null : <GapTable gaps={gaps} />}
    </>
  )
}

function hintOf(reports: readonly CoverageReport[], gaps: readonly ShownGap[]): string {
  if (reports.every(({ coverage }) => coverage === null)) return 'Nothing is on record for this day.'
  if (gaps.length > 0) return 'Point at a gap to see what it is.'
  const begun = reports.find(({ recorded_from }) => recorded_from !== null)?.recorded_from ?? null
  return begun === null
    ? 'Nothing is missing.'
    : `Nothing is missing since the record began at ${istTime(Date.parse(begun))} IST.`
}

function GapTable({ gaps }: { readonly gaps: readonly ShownGap[] }) {
  return (
    <div className="gap-list">
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col" className="figures">
              Length
            </th>
            <th scope="col">Cause</th>
            <th scope="col">Index</th>
            <th scope="col" className="figures">
              Dropped
            </th>
          </tr>
        </thead>
        <tbody>
          {gaps.map(({ key, from, to, cause, index, dropped }) => (
            <tr key={key}>
              <td className="num">{istTime(from)}</td>
              <td className="num">{istTime(to)}</td>
              <td className="figures">
                <Num kind="seconds" value={(to - from) / 1000} />
              </td>
              <td>
                <i className={`swatch ${cause}`} aria-hidden="true" /> {CAUSE_WORDS[cause]}
              </td>
              <td>{index ?? 'all'}</td>
              <td className="figures">
                <Num kind="integer" value={dropped} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
