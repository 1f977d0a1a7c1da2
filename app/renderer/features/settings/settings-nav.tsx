import { useEffect, useRef } from 'react'
import { useStores } from '../../store/context.ts'
import { DISPLAY_GROUP } from './settings-form.ts'
import { useSettings } from './use-settings.ts'

/** Search and groups, with what in each is changed or wrong. */
export function SettingsNav() {
  const { settings } = useStores()
  const groups = useSettings((state) => state.report?.groups ?? null)
  const group = useSettings((state) => state.group)
  const query = useSettings((state) => state.query)
  const all = [{ name: DISPLAY_GROUP, title: 'Display' }, ...(groups ?? [])]
  return (
    <nav className="settings-nav" aria-label="Groups of settings">
      <SearchField />
      <ul>
        {all.map(({ name, title }) => (
          <li key={name}>
            <button
              type="button"
              aria-current={query === '' && name === group ? 'true' : undefined}
              onClick={() => settings.show(name)}
            >
              {title}
              <GroupMark group={name} />
            </button>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function SearchField() {
  const { settings } = useStores()
  const query = useSettings((state) => state.query)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const { target } = event
      const isTyped = target instanceof Element && target.closest('input, select, dialog') !== null
      if (event.key !== '/' || event.ctrlKey || event.altKey || event.metaKey || isTyped) return
      event.preventDefault()
      field.current?.focus()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [])
  return (
    <input
      ref={field}
      type="search"
      placeholder="Search (/)"
      aria-label="Search settings"
      spellCheck={false}
      value={query}
      onChange={({ target }) => settings.search(target.value)}
    />
  )
}

function GroupMark({ group }: { readonly group: string }) {
  const [changes, faults] = useSettings((state) => {
    const names = state.report?.settings.filter((setting) => setting.group === group).map(({ name }) => name) ?? []
    return `${names.filter((name) => name in state.drafts).length} ${names.filter((name) => name in state.faults).length}`
  }).split(' ')
  if (faults !== '0') return <span className="count bad">{faults} wrong</span>
  if (changes !== '0') return <span className="count">{changes}</span>
  return null
}
