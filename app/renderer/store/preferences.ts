import { z } from 'zod'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { INDEX_NAMES } from '../../../core/domain/index-catalog.ts'
import { BUCKETS } from '../../../core/domain/instrument.ts'
import { COLUMN_IDS, type ColumnId, PRESET_COLUMNS } from '../features/chain/columns.ts'
import { VIEWS } from '../features/shell/views.ts'

const KEY = 'optrade.preferences'

/** Columns that are known, each once; unknown ones of another version are dropped. */
const columnsOr = (fallback: readonly ColumnId[]) =>
  z
    .array(z.string())
    .transform((ids) => [...new Set(ids)].filter((id): id is ColumnId => COLUMN_IDS.some((known) => known === id)))
    .refine((ids) => ids.length > 0)
    .catch([...fallback])

/** Every value that cannot be read falls back to its own default. */
const preferencesSchema = z.object({
  theme: z.enum(['system', 'dark', 'light']).catch('system'),
  /** Colour of calls: the others are the puts'. */
  school: z.enum(['ce_red', 'ce_green']).catch('ce_red'),
  units: z.enum(['lots', 'quantity']).catch('lots'),
  numbers: z.enum(['short', 'full']).catch('short'),
  flash: z.boolean().catch(true),
  /** Whether alerts can be heard in this window. */
  alertSound: z.boolean().catch(true),
  /** The first steps were taken, or skipped. */
  onboarded: z.boolean().catch(false),
  view: z.enum(VIEWS).catch('chain'),
  index: z.enum(INDEX_NAMES).catch('NIFTY'),
  /** The expiry that was chosen last for an index; none: its nearest. */
  buckets: z.partialRecord(z.enum(INDEX_NAMES), z.enum(BUCKETS)).catch({}),
  /** The chosen strike and its side, null for none. */
  strike: z.number().nullable().catch(null),
  side: z.enum(['call', 'put']).catch('call'),
  preset: z.enum(['price', 'greeks']).catch('price'),
  price: columnsOr(PRESET_COLUMNS.price),
  greeks: columnsOr(PRESET_COLUMNS.greeks),
  /** Strikes on either side of the ATM that charts show. */
  chartReach: z.literal([10, 20, 40, 'all']).catch(20),
  /** How often a second charts of the live chain are drawn anew. */
  chartRate: z.number().min(1).max(10).catch(2),
})
export type Preferences = z.infer<typeof preferencesSchema>

/** The part of `localStorage` that is used. */
export interface PreferenceStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
}

/** What the user has chosen; kept in the browser at every change. */
export function createPreferences(storage: PreferenceStorage): StoreApi<Preferences> {
  const store = createStore<Preferences>(() => read(storage))
  store.subscribe((preferences) => {
    try {
      storage.setItem(KEY, JSON.stringify(preferences))
    } catch {
      // A browser that keeps nothing (private window, full storage) still shows what was chosen until it is closed.
    }
  })
  return store
}

function read(storage: PreferenceStorage): Preferences {
  try {
    return preferencesSchema.parse(JSON.parse(storage.getItem(KEY) ?? '{}'))
  } catch {
    return preferencesSchema.parse({})
  }
}
