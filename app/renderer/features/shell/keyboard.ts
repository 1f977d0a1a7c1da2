import { INDEX_NAMES, type IndexName } from '../../../../core/domain/index-catalog.ts'
import type { StepUnit } from '../history/steps.ts'
import { VIEW_FACTS, VIEWS, type View } from './views.ts'

/** What a key asks for. */
export type Command =
  | { readonly kind: 'index'; readonly index: IndexName }
  | { readonly kind: 'expiry'; readonly by: -1 | 1 }
  | { readonly kind: 'view'; readonly view: View }
  /** `by` strikes down the list; beyond its ends means the end. */
  | { readonly kind: 'strike'; readonly by: number }
  /** Through the record. */
  | { readonly kind: 'step'; readonly unit: StepUnit; readonly by: -1 | 1 }
  | { readonly kind: 'history' }
  | { readonly kind: 'live' }
  | {
      readonly kind:
        | 'preset'
        | 'columns'
        | 'search'
        | 'freeze'
        | 'centre'
        | 'side'
        | 'help'
        | 'display'
        | 'export'
        | 'deselect'
    }

const PAGE = 10
const ALL = 10_000

const COMMANDS: Readonly<Record<string, Command>> = {
  arrowleft: { kind: 'expiry', by: -1 },
  arrowright: { kind: 'expiry', by: 1 },
  arrowup: { kind: 'strike', by: -1 },
  arrowdown: { kind: 'strike', by: 1 },
  pageup: { kind: 'strike', by: -PAGE },
  pagedown: { kind: 'strike', by: PAGE },
  home: { kind: 'strike', by: -ALL },
  end: { kind: 'strike', by: ALL },
  p: { kind: 'side' },
  g: { kind: 'preset' },
  c: { kind: 'columns' },
  '/': { kind: 'search' },
  ' ': { kind: 'freeze' },
  b: { kind: 'centre' },
  '?': { kind: 'help' },
  s: { kind: 'display' },
  e: { kind: 'export' },
  escape: { kind: 'deselect' },
  t: { kind: 'history' },
  l: { kind: 'live' },
  '[': { kind: 'step', unit: 'tick', by: -1 },
  ']': { kind: 'step', unit: 'tick', by: 1 },
  '{': { kind: 'step', unit: 'second', by: -1 },
  '}': { kind: 'step', unit: 'second', by: 1 },
  '<': { kind: 'step', unit: 'minute', by: -1 },
  '>': { kind: 'step', unit: 'minute', by: 1 },
  ...Object.fromEntries(VIEWS.map((view) => [VIEW_FACTS[view].key.toLowerCase(), { kind: 'view', view }])),
}

/** Commands that mean something on some views only; on the others the key is the browser's. */
const ONLY_ON: Readonly<Partial<Record<Command['kind'], readonly View[]>>> = {
  expiry: ['chain', 'greeks', 'charts'],
  freeze: ['chain', 'greeks', 'charts'],
  strike: ['chain'],
  side: ['chain'],
  preset: ['chain'],
  columns: ['chain'],
  search: ['chain'],
  centre: ['chain'],
}

/** Command of a key on a view, null for none; with Ctrl, Alt or Meta keys are the browser's. */
export function commandOf(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'altKey' | 'metaKey'>,
  view: View,
): Command | null {
  if (event.ctrlKey || event.altKey || event.metaKey) return null
  const index = INDEX_NAMES[Number(event.key) - 1]
  if (index !== undefined) return { kind: 'index', index }
  const command = COMMANDS[event.key.toLowerCase()]
  if (command === undefined || ONLY_ON[command.kind]?.includes(view) === false) return null
  return command
}

/** Where keys are typed or move something of their own. */
const OWN_KEYS = 'input, select, textarea, [contenteditable]:not([contenteditable="false"]), [role="slider"]'
const PRESSED = 'button, summary, a[href], [role="button"], [role="tab"], [role="switch"], [role="checkbox"]'

/** Whether the element that has the focus takes the key for itself. */
export function isTaken(event: Pick<KeyboardEvent, 'key' | 'target' | 'defaultPrevented'>): boolean {
  const { target, key, defaultPrevented } = event
  if (defaultPrevented || !(target instanceof Element)) return defaultPrevented
  if (target.closest(OWN_KEYS) !== null) return true
  // On a button that the keyboard has reached, Space presses it; after a click with the mouse it freezes.
  return key === ' ' && target.closest(PRESSED) !== null && target.matches(':focus-visible')
}
