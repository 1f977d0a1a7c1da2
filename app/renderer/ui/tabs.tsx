import type { KeyboardEvent, ReactNode } from 'react'

export interface Tab<Key extends string> {
  readonly key: Key
  readonly selected: boolean
  readonly title: string
  readonly disabled?: boolean
  readonly content: ReactNode
}

interface TabListProps<Key extends string> {
  readonly label: string
  readonly className: string
  /** Id of the element that they change. */
  readonly controls?: string
  readonly tabs: readonly Tab<Key>[]
  readonly onSelect: (key: Key) => void
}

/** Tabs of which one holds. The keyboard stops at that one; arrows, Home and End go to the others. */
export function TabList<Key extends string>({ label, className, controls, tabs, onSelect }: TabListProps<Key>) {
  const enabled = tabs.filter(({ disabled }) => disabled !== true)
  const stop = (enabled.find(({ selected }) => selected) ?? enabled[0])?.key
  return (
    <div className={className} role="tablist" aria-label={label} onKeyDown={walk}>
      {tabs.map(({ key, selected, title, disabled, content }) => (
        <button
          key={key}
          type="button"
          role="tab"
          className="tab"
          aria-selected={selected}
          aria-controls={controls}
          tabIndex={key === stop ? 0 : -1}
          disabled={disabled}
          title={title}
          onClick={() => onSelect(key)}
        >
          {content}
        </button>
      ))}
    </div>
  )
}

const STEPS: Readonly<Record<string, (place: number, count: number) => number>> = {
  ArrowLeft: (place, count) => (place + count - 1) % count,
  ArrowRight: (place, count) => (place + 1) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
}

/** Takes the focus to another tab, which is chosen by that. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const step = STEPS[event.key]
  if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return
  const tabs = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="tab"]:not(:disabled)')]
  const place = tabs.findIndex((tab) => tab.contains(document.activeElement))
  const next = tabs[step(Math.max(0, place), tabs.length)]
  event.preventDefault()
  next?.focus()
  next?.click()
}
