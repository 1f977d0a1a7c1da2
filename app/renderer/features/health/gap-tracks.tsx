import type { CoverageReport } from '../../../../core/contract/operations.ts'
import { istTime } from '../../../../core/domain/ist.ts'
import { formatNumber } from '../../lib/format.ts'
import { describe, hoursOf, placeOn, type ShownGap, shownGaps, type TrackSpan, trackSpan } from './gap-facts.ts'

interface GapTracksProps {
  readonly reports: readonly CoverageReport[]
  /** Market time. */
  readonly now: number
  /** The key of the gap that is pointed at. */
  readonly onTell: (key: string | null) => void
}

const percent = (share: number) => `${(100 * share).toFixed(3)}%`

/** A line of time for each index from the opening to the close, with what is missing on it. */
export function GapTracks({ reports, now, onTell }: GapTracksProps) {
  const [first] = reports
  if (first === undefined) return null
  const span = trackSpan(first)
  return (
    <div className="gap-tracks">
      {reports.map((report) => (
        <Track key={report.index} report={report} span={span} now={now} onTell={onTell} />
      ))}
      <div className="gap-axis" aria-hidden="true">
        <span />
        <div>
          <span style={{ left: '0' }}>{istTime(span.from).slice(0, 5)}</span>
          {hoursOf(span).map((at) => (
            <span key={at} style={{ left: percent(placeOn(span, at)) }}>
              {istTime(at).slice(0, 5)}
            </span>
          ))}
          <span style={{ left: '100%' }}>{istTime(span.to).slice(0, 5)}</span>
        </div>
        <span />
      </div>
    </div>
  )
}

interface TrackProps extends Omit<GapTracksProps, 'reports'> {
  readonly report: CoverageReport
  readonly span: TrackSpan
}

function Track({ report, span, now, onTell }: TrackProps) {
  const { index, coverage, recorded_from } = report
  const begun = recorded_from === null ? 0 : placeOn(span, Date.parse(recorded_from))
  const passed = placeOn(span, now)
  const isUnknown = coverage === null && passed > 0
  return (
    <div className="gap-track" data-index={index}>
      <span>{index}</span>
      <div className={`track ${isUnknown ? 'unknown' : ''}`}>
        <div className="passed" style={{ left: percent(begun), width: percent(Math.max(0, passed - begun)) }} />
        {hoursOf(span).map((at) => (
          <i key={at} style={{ left: percent(placeOn(span, at)) }} />
        ))}
        {shownGaps(report).map((gap) => (
          <Piece key={gap.key} gap={gap} span={span} onTell={onTell} />
        ))}
        {passed > 0 && passed < 1 ? <b style={{ left: percent(passed) }} title="now" /> : null}
      </div>
      <span className="num">{coverage === null ? 'no record' : formatNumber('percent', shown(coverage))}</span>
    </div>
  )
}

/** What is not whole is never shown as 100 %. */
function shown(coverage: number): number {
  return coverage < 1 ? Math.min(coverage, 0.999) : 1
}

interface PieceProps extends Pick<GapTracksProps, 'onTell'> {
  readonly gap: ShownGap
  readonly span: TrackSpan
}

function Piece({ gap, span, onTell }: PieceProps) {
  const from = placeOn(span, gap.from)
  return (
    <button
      type="button"
      className={`piece ${gap.cause}`}
      aria-label={describe(gap)}
      style={{ left: percent(from), width: percent(placeOn(span, gap.to) - from) }}
      onFocus={() => onTell(gap.key)}
      onBlur={() => onTell(null)}
      onMouseEnter={() => onTell(gap.key)}
      onMouseLeave={() => onTell(null)}
    />
  )
}
