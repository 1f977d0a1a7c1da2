import type { ReactNode } from 'react'
import { usePreferences, useStores } from '../../store/context.ts'
import { Choice } from '../../ui/choice.tsx'
import { Dialog } from '../../ui/dialog.tsx'

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
  const { theme, school, units, numbers, flash } = usePreferences((state) => state)
  return (
    <>
      <Setting name="Theme">
        <Choice
          label="Theme"
          value={theme}
          options={[
            ['system', 'As the system'],
            ['dark', 'Dark'],
            ['light', 'Light'],
          ]}
          onChange={(value) => preferences.setState({ theme: value })}
        />
      </Setting>
      <Setting name="Calls and puts">
        <Choice
          label="Colours of calls and puts"
          value={school}
          options={[
            ['ce_red', 'CE red, PE green'],
            ['ce_green', 'CE green, PE red'],
          ]}
          onChange={(value) => preferences.setState({ school: value })}
        />
      </Setting>
      <Setting name="Open interest and volume">
        <Choice
          label="Open interest and volume"
          value={units}
          options={[
            ['lots', 'In lots'],
            ['quantity', 'In quantity'],
          ]}
          onChange={(value) => preferences.setState({ units: value })}
        />
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
