import { useMarket, useStores } from '../../store/context.ts'

/** Leads from a leg of the chain to a new alert on it. */
export function LegAlertButton({ slot }: { readonly slot: number }) {
  const { alerts, market, preferences } = useStores()
  const strike = useMarket(({ chain }) => chain?.strikes[Math.floor(slot / 2)] ?? null)
  const isPast = useMarket(({ past }) => past !== null)
  // An alert is on the market of now, in which this contract may be listed no more.
  if (strike === null || isPast) return null
  const right = slot % 2 === 0 ? 'CE' : 'PE'
  const open = () => {
    const { index, bucket } = market.store.getState().selection
    const condition = { op: 'above', value: 0 } as const
    alerts.open({ id: null, target: { kind: 'leg', index, bucket, strike, right, metric: 'ltp', condition } })
    preferences.setState({ view: 'alerts' })
  }
  return (
    <button type="button" className="small" onClick={open} title={`New alert on ${strike} ${right}`}>
      Alert …
    </button>
  )
}
