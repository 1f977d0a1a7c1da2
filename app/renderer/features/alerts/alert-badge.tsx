import { openAlerts } from '../../store/alerts.ts'
import { useAlerts } from '../../store/context.ts'

/** How many alerts nobody has acknowledged; nothing for none. */
export function AlertBadge() {
  const open = useAlerts(openAlerts)
  if (open === 0) return null
  return (
    <span className="rail-badge">
      {open > 99 ? '99+' : open}
      <span className="visually-hidden"> unacknowledged</span>
    </span>
  )
}
