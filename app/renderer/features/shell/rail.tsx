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
            className={`rail-item ${name}`}
            aria-current={name === view ? 'page' : undefined}
            title={`${title} (${key})`}
            onClick={() => onView(name)}
          >
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d={SHAPES[name]} />
            </svg>
            {title}
          </button>
        )
      })}
    </nav>
  )
}

/** Line drawings on a grid of 24. */
const SHAPES: Readonly<Record<View, string>> = {
  chain: 'M4 6h6M4 12h6M4 18h6M14 6h6M14 12h6M14 18h6M12 3v18',
  greeks: 'M12 4 4 20h16Z',
  charts: 'M4 4v16h16M7 15l4-5 3 3 5-7',
  alerts: 'M6 17V11a6 6 0 0 1 12 0v6l2 2H4ZM10 21h4',
  health: 'M3 12h4l3-7 4 14 3-7h4',
  settings: 'M4 7h10M18 7h2M16 5v4M4 17h4M12 17h8M10 15v4',
}
