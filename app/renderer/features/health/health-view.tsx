import { useCallback } from 'react'
import type { HealthReport } from '../../../../core/contract/api-schema.ts'
import type { ReadinessReport } from '../../../../core/contract/operations.ts'
import { istTime } from '../../../../core/domain/ist.ts'
import { useMarket, useStores } from '../../store/context.ts'
import { Collecting } from './collecting.tsx'
import { ComponentTable } from './component-table.tsx'
import { FeedFacts, IndexFacts, MachineFacts, RecordFacts } from './facts.tsx'
import { Figures } from './figures.tsx'
import { Gaps } from './gaps.tsx'
import { LogView } from './log-view.tsx'
import { ReadinessCard } from './readiness-card.tsx'
import { words } from './units.ts'
import { type Asked, useAsked } from './use-asked.ts'

const READINESS_MS = 5_000

/** What works, what does not, and what to do about it. */
export function HealthView() {
  const health = useMarket((state) => state.health)
  const link = useMarket((state) => state.link)
  const asOf = useMarket((state) => state.asOf)
  if (health === null) {
    return (
      <main className="health-view" aria-label="Health" aria-busy={link !== 'lost'}>
        <div className="waiting" role="status">
          <h2>{link === 'lost' ? 'The monitor does not answer' : 'Asking the monitor …'}</h2>
          {link === 'lost' ? <p>It is tried again by itself. Is OP Trading still running?</p> : null}
        </div>
      </main>
    )
  }
  return (
    <main className={`health-view ${link === 'lost' ? 'lost' : ''}`} aria-label="Health">
      {link === 'lost' ? (
        <p className="notice bad" role="alert">
          <strong>Offline.</strong> As of {asOf === null ? 'never' : `${istTime(asOf)} IST`}. Trying again …
        </p>
      ) : null}
      <Summary health={health} isLost={link === 'lost'} />
      <Figures health={health} />
      <ComponentTable components={health.components} />
      <Gaps health={health} />
      <div className="health-columns">
        <FeedFacts health={health} />
        <RecordFacts health={health} />
        <MachineFacts health={health} />
        <IndexFacts health={health} />
      </div>
      <LogView startedAt={health.process.started_at} />
    </main>
  )
}

/** One line that says it all, and what stands behind it. */
interface SummaryProps {
  readonly health: HealthReport
  /** What is known is of before. */
  readonly isLost: boolean
}

function Summary({ health, isLost }: SummaryProps) {
  const { client } = useStores()
  const ask = useCallback(() => client.ask('readiness', {}), [client])
  const readiness = useAsked(ask, READINESS_MS)
  return (
    <section className={`health-summary ${isLost ? 'bad' : toneOf(health, readiness.answer)}`} aria-label="Summary">
      <header className="section-head">
        <div className="gap">
          <div role="status">
            <h2 className="verdict">
              {isLost
                ? 'The monitor does not answer: whether anything is recorded is not known.'
                : sentenceOf(readiness)}
            </h2>
          </div>
          <p>
            <strong>{isLost ? 'What stands below is what was known last' : stateWords(health)}</strong> · version{' '}
            {health.version} · source {health.source} · epoch {health.record.epoch}
          </p>
        </div>
        {isLost ? null : <Collecting collecting={health.collecting} onChange={readiness.again} />}
      </header>
      {readiness.answer === null || isLost ? null : (
        <ReadinessCard readiness={readiness.answer} phase={health.market.phase} />
      )}
    </section>
  )
}

function stateWords({ issues, collecting }: HealthReport): string {
  if (issues.length === 0 && collecting.paused) return 'Paused by you'
  return issues.length === 0 ? 'Everything works' : `Degraded: ${issues.map(words).join(', ')}`
}

function sentenceOf({ answer, fault }: Asked<ReadinessReport>): string {
  if (answer !== null) return answer.sentence
  return fault === null ? 'Checking whether everything is ready …' : `Readiness is not known: ${fault}`
}

function toneOf({ issues, collecting }: HealthReport, readiness: ReadinessReport | null): string {
  if (collecting.paused) return 'hold'
  if (readiness?.state === 'fail') return 'bad'
  return issues.length > 0 || readiness?.state === 'warn' ? 'warn' : 'good'
}
