import { useLayoutEffect, useRef } from 'react'
import { usePreferences, useStores } from '../../store/context.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { COLUMN_IDS, type ColumnId, columnOf, PRESET_COLUMNS } from './columns.ts'

/** Which columns the preset in use shows, and in which order from the strike outward. */
export function ColumnChooser({ onClose }: { readonly onClose: () => void }) {
  const { preferences } = useStores()
  const preset = usePreferences((state) => state.preset)
  const shown = usePreferences((state) => state[state.preset])
  const { list, keepFocus } = useKeptFocus(shown)
  const set = (columns: readonly ColumnId[]) => {
    if (columns.length > 0) preferences.setState({ [preset]: [...columns] })
  }
  const move = (from: number, by: number) => {
    const next = [...shown]
    const [id] = next.splice(from, 1)
    if (id === undefined) return
    next.splice(from + by, 0, id)
    keepFocus(id, by < 0 ? 'nearer' : 'farther')
    set(next)
  }
  const hide = (id: ColumnId, place: number) => {
    keepFocus(shown[place + 1] ?? shown[place - 1] ?? id, 'hide')
    set(shown.filter((other) => other !== id))
  }
  const add = (id: ColumnId) => {
    keepFocus(id, 'hide')
    set([...shown, id])
  }
  const hidden = COLUMN_IDS.filter((id) => !shown.includes(id))
  return (
    <Dialog title={`Columns: ${preset === 'price' ? 'Price' : 'Greeks'}`} onClose={onClose}>
      <p className="hint">From the strike outward, the same on both sides. The strike itself always stays.</p>
      <ol className="column-list" ref={list}>
        {shown.map((id, place) => (
          <li key={id} data-column={id}>
            <span className="name">{columnOf(id).label}</span>
            <span className="title">{columnOf(id).title}</span>
            <button
              type="button"
              data-does="nearer"
              disabled={place === 0}
              onClick={() => move(place, -1)}
              aria-label={`${columnOf(id).label} nearer to the strike`}
            >
              ↑
            </button>
            <button
              type="button"
              data-does="farther"
              disabled={place === shown.length - 1}
              onClick={() => move(place, 1)}
              aria-label={`${columnOf(id).label} farther from the strike`}
            >
              ↓
            </button>
            <button
              type="button"
              data-does="hide"
              disabled={shown.length === 1}
              onClick={() => hide(id, place)}
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
          <button key={id} type="button" title={columnOf(id).title} onClick={() => add(id)}>
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

/** A column that is moved, hidden or added takes its button along: the focus goes with it, or to the next that works. */
function useKeptFocus(shown: readonly ColumnId[]) {
  const list = useRef<HTMLOListElement>(null)
  const wanted = useRef<readonly [id: ColumnId, does: string] | null>(null)
  useLayoutEffect(() => {
    if (wanted.current === null || shown.length === 0) return
    const [id, does] = wanted.current
    wanted.current = null
    const row = list.current?.querySelector(`[data-column="${id}"]`)
    const button =
      row?.querySelector<HTMLElement>(`[data-does="${does}"]:enabled`) ?? row?.querySelector('button:enabled')
    if (button instanceof HTMLElement) button.focus()
  }, [shown])
  const keepFocus = (id: ColumnId, does: 'nearer' | 'farther' | 'hide') => {
    wanted.current = [id, does]
  }
  return { list, keepFocus }
}
