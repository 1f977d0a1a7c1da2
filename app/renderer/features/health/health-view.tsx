import type { HealthReport } from '../../../../core/contract/api-schema.ts'
import { istTime } from '../../../../core/domain/ist.ts'
import { ERRORS } from '../../../../core/kernel/errors.ts'
import { useMarket } from '../../store/context.ts'
import { Num } from '../../ui/num.tsx'

/** What works, what does not, and what to do about it. */
export function HealthView() {
  const health = useMarket((state) => state.health)
  const link = useMarket((state) => state.link)
  const asOf = useMarket((state) => state.asOf)
  if (health === null) {
    return (
      <main className="health-view">
        <div className="waiting" role="status">
          <h2>{link === 'lost' ? 'The monitor does not answer' : 'Asking the monitor …'}</h2>
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
      <Summary health={health} />
      <Components components={health.components} />
      <div className="health-columns">
        <Feed health={health} />
        <Consumers health={health} />
        <Indices health={health} />
      </div>
    </main>
  )
}

function Summary({ health }: { readonly health: HealthReport }) {
  const isWell = health.issues.length === 0
  return (
    <section className={`health-summary ${isWell ? 'good' : 'warn'}`}>
      <h2>{isWell ? 'Everything works' : health.issues.map(words).join(', ')}</h2>
      <p>
        Version {health.version} · source {health.source} · epoch {health.record.epoch}
      </p>
    </section>
  )
}

function Components({ components }: { readonly components: HealthReport['components'] }) {
  return (
    <section>
      <h3>Components</h3>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">Component</th>
            <th scope="col">State</th>
            <th scope="col" title="By the clock of the wall, which a simulated market does not follow">
              Since (wall clock)
            </th>
            <th scope="col">Issue</th>
            <th scope="col">What to do</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(components).map(([name, { state, since, issue, detail }]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                <span className={`state ${state}`}>{state}</span>
              </td>
              <td>
                <Time at={since} />
              </td>
              <td>{issue === null ? (detail ?? '–') : `${words(issue)}${detail === null ? '' : `: ${detail}`}`}</td>
              <td>{issue === null ? '–' : remedyOf(issue)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

const words = (code: string): string => code.replaceAll('_', ' ')

/** Time of day in IST, with the day where that is not the market's. */
function Time({ at }: { readonly at: string }) {
  return <time dateTime={at}>{istTime(Date.parse(at))} IST</time>
}

/** Issues that are states of a component and no errors. */
const REMEDIES: Readonly<Record<string, string>> = {
  login_required: 'Log in to Kite and set the new KITE_ACCESS_TOKEN; it is taken up without a restart.',
  feed_disconnected: 'Nothing yet: it connects again by itself. If it lasts, check the network.',
}

function remedyOf(issue: string): string {
  const known = Object.entries(ERRORS).find(([code]) => code === issue)
  return REMEDIES[issue] ?? known?.[1].hint ?? 'See the log.'
}

/** What is left out on purpose; every other reason is a loss. */
const DROP_WORDS: Readonly<Record<string, string>> = {
  repeat: 'Left out: the same packet again',
  closed: 'Left out: market closed',
  outside_window: 'Left out: strikes not to be recorded',
  no_reference: 'Left out: before the forward was known',
  not_full: 'Left out: packets without depth',
}

function Feed({ health: { feed } }: { readonly health: HealthReport }) {
  const dropped = Object.entries(feed.dropped)
  return (
    <section>
      <h3>Feed</h3>
      <dl className="facts">
        <Row label="Legs per second" value={feed.legs_per_second} kind="integer" />
        <Row label="Last packet" value={feed.lag_ms === null ? null : feed.lag_ms / 1000} kind="seconds" />
        <Row label="Packets received" value={feed.received} kind="integer" />
        <Row label="Legs recorded" value={feed.recorded} kind="integer" />
        <Row label="Spots, futures, VIX" value={feed.underlyings} kind="integer" />
        {dropped.map(([reason, count]) => (
          <Row key={reason} label={DROP_WORDS[reason] ?? `Dropped: ${words(reason)}`} value={count} kind="integer" />
        ))}
        {dropped.length === 0 ? <Row label="Dropped" value={0} kind="integer" /> : null}
      </dl>
    </section>
  )
}

function Consumers({ health: { record } }: { readonly health: HealthReport }) {
  return (
    <section>
      <h3>Record</h3>
      <dl className="facts">
        <div>
          <dt>Durable batch</dt>
          <dd className="figures">{record.durable_batch ?? '–'}</dd>
        </div>
        <Row label="Durable legs" value={record.durable_legs} kind="integer" />
        {Object.entries(record.pending).map(([name, count]) => (
          <Row key={name} label={`Waiting for ${name}`} value={count} kind="integer" />
        ))}
      </dl>
    </section>
  )
}

interface RowProps {
  readonly label: string
  readonly value: number | null
  readonly kind: 'integer' | 'seconds'
}

function Row({ label, value, kind }: RowProps) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <Num kind={kind} value={value} />
      </dd>
    </div>
  )
}

function Indices({ health: { indices } }: { readonly health: HealthReport }) {
  return (
    <section>
      <h3>Indices</h3>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">Index</th>
            <th scope="col" className="figures">
              Spot
            </th>
            <th scope="col" className="figures">
              Watched
            </th>
            <th scope="col" className="figures">
              Last leg
            </th>
          </tr>
        </thead>
        <tbody>
          {indices.map(({ index, spot, subscribed, last_leg }) => (
            <tr key={index}>
              <th scope="row">{index}</th>
              <td className="figures">
                <Num kind="price" value={spot} />
              </td>
              <td className="figures">
                <Num kind="integer" value={subscribed} />
              </td>
              <td className="figures">{last_leg === null ? '–' : istTime(Date.parse(last_leg))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
