import { useState } from 'react'
import { unmarkedMessage } from '../../../../core/contract/alert-words.ts'
import { ALL_ALERTS, type Alert, type AlertChannel } from '../../../../core/contract/alerts.ts'
import { istDate, istTime } from '../../../../core/domain/ist.ts'
import { formatDay } from '../../lib/format.ts'
import { openAlerts } from '../../store/alerts.ts'
import { useAlerts, useMarket, useStores } from '../../store/context.ts'
import { Choice } from '../../ui/choice.tsx'
import { CHANNEL_WORDS } from './alert-labels.ts'

/** What was raised, newest first. */
export function AlertHistory() {
  const { alerts } = useStores()
  const history = useAlerts(({ report }) => report?.history ?? null)
  const open = useAlerts(openAlerts)
  const today = useMarket(({ now }) => (now === null ? null : istDate(now)))
  const [filter, setFilter] = useState<'all' | 'open'>('all')
  const [problem, setProblem] = useState<string | null>(null)
  const acknowledge = async (id: string) => setProblem(await alerts.change('acknowledgeAlert', { id }))
  const shown = history?.filter(({ acknowledged_at }) => filter === 'all' || acknowledged_at === null) ?? []
  return (
    <section className="alerts-pane" aria-label="History">
      <header className="pane-head">
        <h2>History</h2>
        <Choice
          label="Which alerts"
          value={filter}
          options={[
            ['all', `All ${history?.length ?? 0}`],
            ['open', `Unacknowledged ${open}`],
          ]}
          onChange={setFilter}
        />
        <span className="gap" />
        <button type="button" disabled={open === 0} onClick={() => void acknowledge(ALL_ALERTS)}>
          Acknowledge all
        </button>
      </header>
      {problem === null ? null : (
        <p className="field-fault" role="alert">
          {problem}
        </p>
      )}
      {history !== null && shown.length === 0 ? (
        <p className="empty">{history.length === 0 ? 'Nothing was raised yet.' : 'Everything is acknowledged.'}</p>
      ) : null}
      <ol className="alert-list">
        {shown.map((alert) => (
          <AlertRow key={alert.id} alert={alert} today={today} onAcknowledge={acknowledge} />
        ))}
      </ol>
    </section>
  )
}

interface AlertRowProps {
  readonly alert: Alert
  readonly today: string | null
  readonly onAcknowledge: (id: string) => Promise<void>
}

function AlertRow({ alert, today, onAcknowledge }: AlertRowProps) {
  const { id, name, raised_at, simulated, channels, acknowledged_at } = alert
  const raised = Date.parse(raised_at)
  const date = istDate(raised)
  return (
    <li className={`alert ${acknowledged_at === null ? 'open' : ''}`}>
      <time dateTime={raised_at} className="figures">
        {istTime(raised)} <small>{date === today ? 'IST' : formatDay(date)}</small>
      </time>
      <div className="alert-text">
        <span className="alert-message">{unmarkedMessage(alert)}</span>
        <p className="hint">
          {simulated ? <span className="chip">SIM</span> : null}
          <span>{name}</span>
          {channels.map((channel) => (
            <Delivery key={channel} channel={channel} alert={alert} />
          ))}
        </p>
      </div>
      {acknowledged_at === null ? (
        <button type="button" onClick={() => void onAcknowledge(id)} aria-label={`Acknowledge ${name}`}>
          Acknowledge
        </button>
      ) : (
        <span className="seen" title={`Acknowledged ${istTime(Date.parse(acknowledged_at))} IST`}>
          ✓ seen
        </span>
      )}
    </li>
  )
}

/** Screens show what they are given; e-mail and webhook say what became of it. */
function Delivery({ channel, alert }: { readonly channel: AlertChannel; readonly alert: Alert }) {
  const { name } = CHANNEL_WORDS[channel]
  if (channel !== 'email' && channel !== 'webhook') return <span className="delivery">{name}</span>
  const delivery = alert.deliveries.find((entry) => entry.channel === channel)
  if (delivery === undefined) return <span className="delivery">{name} …</span>
  if (delivery.state === 'sent') return <span className="delivery good">{name} ✓</span>
  return (
    <span className="delivery bad" title={delivery.detail ?? undefined}>
      {name} failed{delivery.detail === null ? '' : `: ${delivery.detail}`}
    </span>
  )
}
