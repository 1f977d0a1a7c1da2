import { useMarket } from '../../store/context.ts'

/** Nobody may take invented or old prices for the market's. */
export function Banner() {
  const source = useMarket((state) => state.health?.source ?? state.indices?.source ?? null)
  const simulated = useMarket((state) => state.health?.simulated ?? false)
  if (source === null || (source === 'kite' && !simulated)) return null
  const [word, sentence] =
    source === 'replay'
      ? ['REPLAY', 'A recorded day is played again. These are not the prices of now.']
      : ['SIMULATED', 'An invented market for trying things out. No price here is real.']
  return (
    <div className="banner" role="status">
      <strong>{word}</strong> <span>{sentence}</span>
    </div>
  )
}
