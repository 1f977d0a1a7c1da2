import { INDEX_NAMES, type IndexName } from '../../../../core/domain/index-catalog.ts'
import { VIEW_FACTS, VIEWS, type View } from './views.ts'

/** What a key asks for. */
export type Command =
  | { readonly kind: 'index'; readonly index: IndexName }
  | { readonly kind: 'expiry'; readonly by: -1 | 1 }
  | { readonly kind: 'view'; readonly view: View }
  | { readonly kind: 'strike'; readonly by: -1 | 1 }
  | {
      readonly kind: 'preset' | 'columns' | 'search' | 'freeze' | 'centre' | 'help' | 'display' | 'deselect'
    }

const COMMANDS: Readonly<Record<string, Command>> = {
  arrowleft: { kind: 'expiry', by: -1 },
  arrowright: { kind: 'expiry', by: 1 },
  arrowup: { kind: 'strike', by: -1 },
  arrowdown: { kind: 'strike', by: 1 },
  g: { kind: 'preset' },
  c: { kind: 'columns' },
  '/': { kind: 'search' },
  ' ': { kind: 'freeze' },
  b: { kind: 'centre' },
  '?': { kind: 'help' },
  s: { kind: 'display' },
  escape: { kind: 'deselect' },
  ...Object.fromEntries(VIEWS.map((view) => [VIEW_FACTS[view].key.toLowerCase(), { kind: 'view', view }])),
}

/** Command of a key, null for none; with Ctrl, Alt or Meta keys are the browser's. */
export function commandOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'altKey' | 'metaKey'>): Command | null {
  if (event.ctrlKey || event.altKey || event.metaKey) return null
  const index = INDEX_NAMES[Number(event.key) - 1]
  if (index !== undefined) return { kind: 'index', index }
  return COMMANDS[event.key.toLowerCase()] ?? null
}
