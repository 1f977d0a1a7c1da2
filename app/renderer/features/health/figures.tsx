import { useStore } from 'zustand'
import type { HealthReport } from '../../../../core/contract/api-schema.ts'
import { formatNumber } from '../../lib/format.ts'
import { useStores } from '../../store/context.ts'
import { type HealthSample, HISTORY_MS } from './health-history.ts'
import { Sparkline } from './sparkline.tsx'
import { formatBytes } from './units.ts'

interface Figure {
  readonly title: string
  readonly text: string
  /** What it is judged by. */
  readonly note: string
  readonly isBad: boolean
  readonly valueOf: (sample: HealthSample) => number | null
  /** The line is drawn from 0 to the largest value, at least to this. */
  readonly least: number
  /** Drawn as a line of its own. */
  readonly limit?: number
}

/** The numbers that tell first that something goes wrong, with their last minutes. */
export function Figures({ health }: { readonly health: HealthReport }) {
  const { history } = useStores()
  const samples = useStore(history)
  const spanMs = spanOf(samples)
  return (
    <div className="figures-row">
      {figuresOf(health).map((figure) => (
        <figure key={figure.title} className={figure.isBad ? 'ill' : undefined}>
          <figcaption>{figure.title}</figcaption>
          <strong className="num">{figure.text}</strong>
          <small>{figure.note}</small>
          <Sparkline
            label={`${figure.title} over the last ${formatNumber('seconds', spanMs / 1000)}`}
            points={samples.map((sample) => ({ at: sample.at, value: figure.valueOf(sample) }))}
            spanMs={spanMs}
            least={figure.least}
            limit={figure.limit ?? null}
          />
        </figure>
      ))}
    </div>
  )
}

const LEAST_SPAN_MS = 60_000

/** What is there, in whole minutes: a page that was just opened draws the first of them. */
function spanOf(samples: readonly HealthSample[]): number {
  const [first, last] = [samples[0], samples.at(-1)]
  const known = first === undefined || last === undefined ? 0 : last.at - first.at
  return Math.min(HISTORY_MS, Math.max(1, Math.ceil(known / LEAST_SPAN_MS)) * LEAST_SPAN_MS)
}

const LATE_MS = 10_000
const SLOW_LOOP_MS = 100
const FULL_MEMORY = 0.9
const MANY_BATCHES = 200

/** Whether anything is smaller because of it. */
function sparingWords({ stage, stages }: HealthReport['process']['sparing']): string {
  return stage === 0 ? '' : `; spared, stage ${stage} of ${stages}`
}

function figuresOf({ feed, process, record, market, collecting }: HealthReport): readonly Figure[] {
  const trading = market.phase !== 'closed' && market.phase !== 'holiday' && market.phase !== 'pre_open'
  const share = process.memory_bytes / process.memory_limit_bytes
  const [slowest, pending] = Object.entries(record.pending).reduce<readonly [string, number]>(
    (worst, [name, count]) => (count > worst[1] ? [name, count] : worst),
    ['every consumer', 0],
  )
  return [
    {
      title: 'Legs per second',
      text: formatNumber('integer', feed.legs_per_second),
      note: collecting.paused ? 'paused' : trading ? 'recorded' : 'market closed',
      isBad: trading && !collecting.paused && feed.legs_per_second === 0,
      valueOf: (sample) => sample.legsPerSecond,
      least: 10,
    },
    {
      title: 'Feed lag',
      text: formatNumber('seconds', feed.lag_ms === null ? null : feed.lag_ms / 1000),
      note: 'since the last packet',
      isBad: trading && !collecting.paused && (feed.lag_ms ?? 0) > LATE_MS,
      valueOf: (sample) => sample.lagMs,
      least: 1_000,
    },
    {
      title: 'Event-loop delay',
      text: `${formatNumber('integer', process.event_loop_lag_ms)} ms`,
      note: `p99 of 5 s; ${formatNumber('integer', process.stalls)} stalls`,
      isBad: process.event_loop_lag_ms > SLOW_LOOP_MS,
      valueOf: (sample) => sample.eventLoopLagMs,
      least: 50,
    },
    {
      title: 'Memory',
      text: formatBytes(process.memory_bytes),
      note: `${formatNumber('percent', share)} of ${formatBytes(process.memory_limit_bytes)}${sparingWords(process.sparing)}`,
      isBad: share > FULL_MEMORY,
      valueOf: (sample) => sample.memoryBytes,
      least: process.memory_limit_bytes,
      limit: process.memory_limit_bytes,
    },
    {
      title: 'Journal ahead of',
      text: `${formatNumber('integer', pending)} batches`,
      note: pending === 0 ? 'every consumer is level' : slowest,
      isBad: pending > MANY_BATCHES,
      valueOf: (sample) => sample.pending,
      least: 10,
    },
  ]
}
