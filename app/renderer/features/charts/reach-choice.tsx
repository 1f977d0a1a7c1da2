import { usePreferences, useStores } from '../../store/context.ts'
import { Choice } from '../../ui/choice.tsx'

/** How many strikes charts show. */
export function ReachChoice() {
  const { preferences } = useStores()
  const reach = usePreferences((state) => state.chartReach)
  return (
    <Choice
      label="Strikes shown"
      value={String(reach)}
      options={[
        ['10', '±10', '10 strikes on either side of the ATM'],
        ['20', '±20', '20 strikes on either side of the ATM'],
        ['40', '±40', '40 strikes on either side of the ATM'],
        ['all', 'All', 'Every listed strike'],
      ]}
      onChange={(value) =>
        preferences.setState({ chartReach: value === '10' ? 10 : value === '20' ? 20 : value === '40' ? 40 : 'all' })
      }
    />
  )
}
