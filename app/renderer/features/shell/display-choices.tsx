import { usePreferences, useStores } from '../../store/context.ts'
import { Choice } from '../../ui/choice.tsx'

/** The choices of how things look that stand in more than one place. */

export function ThemeChoice() {
  const { preferences } = useStores()
  const theme = usePreferences((state) => state.theme)
  return (
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
  )
}

export function SchoolChoice() {
  const { preferences } = useStores()
  const school = usePreferences((state) => state.school)
  return (
    <Choice
      label="Colours of calls and puts"
      value={school}
      options={[
        ['ce_red', 'CE red, PE green'],
        ['ce_green', 'CE green, PE red'],
      ]}
      onChange={(value) => preferences.setState({ school: value })}
    />
  )
}

export function UnitsChoice() {
  const { preferences } = useStores()
  const units = usePreferences((state) => state.units)
  return (
    <Choice
      label="Open interest and volume"
      value={units}
      options={[
        ['lots', 'In lots'],
        ['quantity', 'In quantity'],
      ]}
      onChange={(value) => preferences.setState({ units: value })}
    />
  )
}
