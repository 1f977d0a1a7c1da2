import { AlertBadge } from '../alerts/alert-badge.tsx'
import { VIEW_FACTS, VIEWS, type View } from './views.ts'

interface RailProps {
  readonly view: View
  readonly onView: (view: View) => void
}

/** Leads to the pages; always in sight. */
export function Rail({ view, onView }: RailProps) {
  return (
    <nav className="rail" aria-label="Pages">
      {VIEWS.map((name) => {
        const { title, key } = VIEW_FACTS[name]
        return (
          <button
            key={name}
            type="button"
            className={`rail-item to-${name}`}
            aria-current={name === view ? 'page' : undefined}
            aria-keyshortcuts={key}
            title={`${title} (${key})`}
            onClick={() => onView(name)}
          >
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d={SHAPES[name]} />
            </svg>
            <span>{title}</span>
            {name === 'alerts' ? <AlertBadge /> : null}
          </button>
        )
      })}
    </nav>
  )
}

/** Line drawings on a grid of 24. */
const SHAPES: Readonly<Record<View, string>> = {
  chain: 'M12 4v16M4 7h5M4 12h5M4 17h5M15 7h5M15 12h5M15 17h5',
  greeks: 'M12 4 4 20h16Z',
  charts: 'M4 4v16h16M7 15l4-5 3 3 5-7',
  alerts: 'M6 17V11a6 6 0 0 1 12 0v6l2 2H4ZM10 21h4',
  health: 'M3 12h4l3-7 4 14 3-7h4',
  settings: 'M4 7h9M17 7h3M15 4.5v5M4 17h3M11 17h9M9 14.5v5',
}
