import type { HealthReport } from '../../../../core/contract/api-schema.ts'
import { istDate, istTime } from '../../../../core/domain/ist.ts'
import { formatDay } from '../../lib/format.ts'
import { words } from './units.ts'

type Component = HealthReport['components'][string]

/** Every part of the product: how it is, since when, what last went wrong, and what to do about it. */
export function ComponentTable({ components }: { readonly components: HealthReport['components'] }) {
  return (
    <section className="components" aria-label="Components">
      <h3>
        Components <small className="aside">times by the wall clock, IST</small>
      </h3>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">Component</th>
            <th scope="col">State</th>
            <th scope="col">Since</th>
            <th scope="col">Last error</th>
            <th scope="col">What to do</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(components).map(([name, component]) => (
            <Row key={name} name={name} component={component} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Row({ name, component }: { readonly name: string; readonly component: Component }) {
  const { state, since, issue, detail, last_error: error } = component
  const isOver = issue === null
  return (
    <tr className={isOver ? 'well' : 'ill'}>
      <th scope="row">{name}</th>
      <td>
        <span className={`state ${state}`}>{state}</span>
        {isOver && detail !== null ? <small> {detail}</small> : null}
      </td>
      <td>
        <Time at={since} />
      </td>
      <td className={isOver ? 'over' : undefined}>
        {error === null ? (issue === null ? 'none' : words(issue)) : null}
        {error === null ? null : (
          <>
            <Time at={error.at} /> {error.message}
            {isOver ? <small> (over)</small> : null}
          </>
        )}
      </td>
      <td className={isOver ? 'over' : undefined}>{error === null ? '–' : isOver ? 'Nothing any more' : error.hint}</td>
    </tr>
  )
}

/** Time of day in IST, with the date where that is not today. */
function Time({ at }: { readonly at: string }) {
  const instant = Date.parse(at)
  const date = istDate(instant)
  return (
    <time dateTime={at} className="figures">
      {date === istDate(Date.now()) ? '' : `${formatDay(date)} `}
      {istTime(instant)}
    </time>
  )
}
