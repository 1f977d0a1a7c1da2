import { useMarket, useStores } from '../../store/context.ts'
import type { FormState } from '../settings/settings-form.ts'
import { useSettings } from '../settings/use-settings.ts'

const KEYS = [
  ['KITE_API_KEY', 'API key'],
  ['KITE_API_SECRET', 'API secret'],
  ['KITE_ACCESS_TOKEN', 'access token of today'],
] as const

const isSet = (name: string) => (state: FormState) =>
  state.report?.settings.find((setting) => setting.name === name)?.will_be_set ?? false

/** Where the prices come from, and the way to real ones. */
export function StepView() {
  const { settings, preferences } = useStores()
  const source = useMarket((state) => state.health?.source ?? null)
  return (
    <>
      <p>
        {source === 'kite'
          ? 'The chain above is the live market, as Kite sends it. Everything received is recorded from now on.'
          : 'The chain above is live, but its exchange is simulated: it keeps the hours and the rules of the market, but every price is invented, as the banner says. Everything works as it will with real prices.'}
      </p>
      <p className="keys-state">
        For the real market you need a Kite Connect app:{' '}
        {KEYS.map(([name, title]) => (
          <KeyState key={name} name={name} title={title} />
        ))}
        <button
          type="button"
          className="link"
          onClick={() => {
            settings.show('source')
            preferences.setState({ view: 'settings' })
          }}
        >
          Enter them in the settings
        </button>
      </p>
    </>
  )
}

function KeyState({ name, title }: { readonly name: string; readonly title: string }) {
  const there = useSettings(isSet(name))
  return (
    <span className={`set-mark ${there ? 'is-set' : ''}`} title={name}>
      {title} {there ? 'set' : 'not set'}
    </span>
  )
}
