import { useState } from 'react'
import { useStores } from '../../store/context.ts'
import { standingText } from '../settings/settings-form.ts'
import { useSettings } from '../settings/use-settings.ts'

const NAME = 'INDICES'

/** Which indices are collected, chosen here and written when the step is left. */
export interface CollectedIndices {
  /** null while the monitor has not said them. */
  readonly chosen: readonly string[] | null
  readonly all: readonly string[]
  /** Why they cannot be chosen here; null when they can. */
  readonly fixedBy: string | null
  /** Why they could not be written. */
  readonly fault: string | null
  readonly isChanged: boolean
  toggle(name: string): void
  /** Resolves with whether the choice stands. */
  save(): Promise<boolean>
}

export function useIndices(): CollectedIndices {
  const { client, settings } = useStores()
  const setting = useSettings((state) => state.report?.settings.find(({ name }) => name === NAME) ?? null)
  const [own, setOwn] = useState<readonly string[] | null>(null)
  const [fault, setFault] = useState<string | null>(null)
  const all = setting?.choices ?? []
  const standing = setting === null ? null : (standingText(setting) ?? '').split(',')
  const chosen = own ?? standing
  const text = chosen?.join(',') ?? ''
  const isChanged = standing !== null && text !== standing.join(',')
  return {
    chosen,
    all,
    fixedBy: setting?.fixed_by ?? null,
    fault,
    isChanged,
    toggle(name) {
      setFault(null)
      setOwn(all.filter((one) => (one === name ? !chosen?.includes(one) : chosen?.includes(one))))
    },
    async save() {
      if (!isChanged) return true
      try {
        const { faults } = await client.ask('changeSettings', { changes: { [NAME]: text === '' ? ',' : text } })
        await settings.load()
        setFault(faults[NAME] ?? Object.values(faults)[0] ?? null)
        return Object.keys(faults).length === 0
      } catch (problem) {
        setFault(String(problem))
        return false
      }
    },
  }
}
