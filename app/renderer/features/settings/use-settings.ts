import { useStore } from 'zustand'
import { useStores } from '../../store/context.ts'
import type { FormState } from './settings-form.ts'

/** A part of the settings form; the component is drawn again when that part changes. */
export function useSettings<Part>(select: (state: FormState) => Part): Part {
  return useStore(useStores().settings.store, select)
}
