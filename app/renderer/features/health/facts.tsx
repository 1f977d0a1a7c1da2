import type { ReactNode } from 'react'
import type { HealthReport } from '../../../../core/contract/api-schema.ts'
import { istDate, istTime } from '../../../../core/domain/ist.ts'
import { formatDay } from '../../lib/format.ts'
import { Num } from '../../ui/num.tsx'
import { formatBytes, words } from './units.ts'

type Sparing = HealthReport['process']['sparing']

interface FactsProps {
  readonly health: HealthReport
}

/** What is left out on purpose; every other reason is a loss. */
const DROP_WORDS: Readonly<Record<string, string>> = {
  repeat: 'Left out: the same packet again',
  closed: 'Left out: market closed',
  outside_window: 'Left out: strikes not to be recorded',
  no_reference: 'Left out: before the forward was known',
  not_full: 'Left out: packets without depth',
}

export function FeedFacts({ health: { feed } }: FactsProps) {
  const dropped = Object.entries(feed.dropped)
  return (
    <section aria-label="Feed">
      <h3>Feed</h3>
      <dl className="facts">
        <Count label="Legs per second" value={feed.legs_per_second} />
        <Row label="Last packet">
          <Num kind="seconds" value={feed.lag_ms === null ? null : feed.lag_ms / 1000} />
        </Row>
        <Count label="Packets received" value={feed.received} />
        <Count label="Legs recorded" value={feed.recorded} />
        <Count label="Spots, futures, VIX" value={feed.underlyings} />
        {dropped.map(([reason, count]) => (
          <Count key={reason} label={DROP_WORDS[reason] ?? `Dropped: ${words(reason)}`} value={count} />
        ))}
        {dropped.length === 0 ? <Count label="Dropped" value={0} /> : null}
      </dl>
    </section>
  )
}

export function RecordFacts({ health: { record, clients } }: FactsProps) {
  return (
    <section aria-label="Record">
      <h3>Record</h3>
      <dl className="facts">
        <Row label="Durable batch">{record.durable_batch ?? '–'}</Row>
        <Count label="Durable legs" value={record.durable_legs} />
        {Object.entries(record.pending).map(([name, count]) => (
          <Count key={name} label={`Waiting for ${name}`} value={count} />
        ))}
        <Count label="Windows and programs that follow" value={clients} />
      </dl>
    </section>
  )
}

export function MachineFacts({ health: { process, disk, token } }: FactsProps) {
  return (
    <section aria-label="This computer">
      <h3>This computer</h3>
      <dl className="facts">
        <Row label="Disk free">{formatBytes(disk.free_bytes)}</Row>
        <Row label="A trading day takes">
          {disk.bytes_per_day === null ? <Unknown>not measured yet</Unknown> : formatBytes(disk.bytes_per_day)}
        </Row>
        <Row label="Enough for">
          {disk.days_left === null ? (
            <Unknown>–</Unknown>
          ) : (
            <Num kind="integer" value={disk.days_left} unit="trading days" />
          )}
        </Row>
        <Row label="Kite token">{tokenWords(token)}</Row>
        <Row label="Runs for">
          <Num kind="seconds" value={process.uptime_s} />
        </Row>
        <Row label="CPU">
          <Num kind="percent" value={process.cpu_ratio} unit="of a core" />
        </Row>
        <Row label="Memory spared">
          <Sparing {...process.sparing} />
        </Row>
        <Row label="Stalls over 250 ms">
          <Num kind="integer" value={process.stalls} />
          {process.last_stall_at === null ? null : <small> last {istTime(Date.parse(process.last_stall_at))}</small>}
        </Row>
        <Row label="Process">{process.pid}</Row>
      </dl>
      <SparingWords {...process.sparing} />
    </section>
  )
}

/** How far memory near its limit has made the product smaller, and since when. */
function Sparing({ stage, stages, since }: Sparing) {
  if (stage === 0) return <Unknown>nothing needs to be</Unknown>
  const said = `stage ${stage} of ${stages} since ${istTime(Date.parse(since))}`
  return stage === stages ? <strong className="ill">{said}</strong> : said
}

/** What that is, and what to do. */
function SparingWords({ reduced, remedy }: Sparing) {
  return remedy === null ? null : (
    <p className="hint">
      Memory is spared: {reduced.join('; ')}. {remedy}
    </p>
  )
}

/** Which words stand for a token's state; only a valid one has an end. */
function tokenWords({ state, expires_at }: HealthReport['token']): ReactNode {
  if (state === 'not_needed') return <Unknown>not needed</Unknown>
  if (state !== 'valid' || expires_at === null) return <strong className="ill">{words(state)}</strong>
  const end = Date.parse(expires_at)
  return `valid until ${formatDay(istDate(end))} ${istTime(end).slice(0, 5)} IST`
}

export function IndexFacts({ health: { indices } }: FactsProps) {
  return (
    <section aria-label="Indices">
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
      {indices.length === 0 ? <p className="hint">No list of instruments was read yet.</p> : null}
    </section>
  )
}

function Count({ label, value }: { readonly label: string; readonly value: number }) {
  return (
    <Row label={label}>
      <Num kind="integer" value={value} />
    </Row>
  )
}

function Row({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className="figures">{children}</dd>
    </div>
  )
}

function Unknown({ children }: { readonly children: ReactNode }) {
  return <span className="missing">{children}</span>
}
