import type { ReactNode } from 'react'
import { usePreferences, useStores } from '../../store/context.ts'
import { Choice } from '../../ui/choice.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { SchoolChoice, ThemeChoice, UnitsChoice } from './display-choices.tsx'

/** How this browser shows things; the settings of the monitor itself are another matter. */
export function DisplaySettings({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Display" onClose={onClose}>
      <DisplayFields />
    </Dialog>
  )
}

/** The same in the settings page and in the first steps. */
export function DisplayFields() {
  const { preferences } = useStores()
  const numbers = usePreferences((state) => state.numbers)
  const flash = usePreferences((state) => state.flash)
  return (
    <>
      <Setting name="Theme">
        <ThemeChoice />
      </Setting>
      <Setting name="Calls and puts">
        <SchoolChoice />
      </Setting>
      <Setting name="Open interest and volume">
        <UnitsChoice />
      </Setting>
      <Setting name="Large numbers">
        <Choice
          label="Large numbers"
          value={numbers}
          options={[
            ['short', '12.3L, 1.2Cr'],
            ['full', '12,34,567'],
          ]}
          onChange={(value) => preferences.setState({ numbers: value })}
        />
      </Setting>
      <Setting name="Flash on change">
        <Choice
          label="Flash on change"
          value={flash ? 'on' : 'off'}
          options={[
            ['on', 'On'],
            ['off', 'Off'],
          ]}
          onChange={(value) => preferences.setState({ flash: value === 'on' })}
        />
      </Setting>
    </>
  )
}

function Setting({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="setting">
      <span>{name}</span>
      {children}
    </div>
  )
}
