import { usePreferences, useStores } from '../../store/context.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { COLUMN_IDS, type ColumnId, columnOf, PRESET_COLUMNS } from './columns.ts'

/** Which columns the preset in use shows, and in which order from the strike outward. */
export function ColumnChooser({ onClose }: { readonly onClose: () => void }) {
  const { preferences } = useStores()
  const preset = usePreferences((state) => state.preset)
  const shown = usePreferences((state) => state[state.preset])
  const set = (columns: readonly ColumnId[]) => {
    if (columns.length > 0) preferences.setState({ [preset]: [...columns] })
  }
  const move = (from: number, by: number) => {
    const next = [...shown]
    const [id] = next.splice(from, 1)
    if (id !== undefined) next.splice(from + by, 0, id)
    set(next)
  }
  const hidden = COLUMN_IDS.filter((id) => !shown.includes(id))
  return (
    <Dialog title={`Columns: ${preset === 'price' ? 'Price' : 'Greeks'}`} onClose={onClose}>
      <p className="hint">From the strike outward, the same on both sides. The strike itself always stays.</p>
      <ol className="column-list">
        {shown.map((id, place) => (
          <li key={id}>
            <span className="name">{columnOf(id).label}</span>
            <span className="title">{columnOf(id).title}</span>
            <button
              type="button"
              disabled={place === 0}
              onClick={() => move(place, -1)}
              aria-label={`${columnOf(id).label} nearer to the strike`}
            >
              ↑
            </button>
            <button
              type="button"
              disabled={place === shown.length - 1}
              onClick={() => move(place, 1)}
              aria-label={`${columnOf(id).label} farther from the strike`}
            >
              ↓
            </button>
            <button
              type="button"
              disabled={shown.length === 1}
              onClick={() => set(shown.filter((other) => other !== id))}
              aria-label={`Hide ${columnOf(id).label}`}
            >
              Hide
            </button>
          </li>
        ))}
      </ol>
      <h3>Not shown</h3>
      <div className="column-pool">
        {hidden.map((id) => (
          <button key={id} type="button" title={columnOf(id).title} onClick={() => set([...shown, id])}>
            + {columnOf(id).label}
          </button>
        ))}
      </div>
      <p>
        <button type="button" onClick={() => set(PRESET_COLUMNS[preset])}>
          As delivered
        </button>
      </p>
    </Dialog>
  )
}
