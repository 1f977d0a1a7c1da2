import './zod-settings.ts'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { createHttpClient } from './client/http-client.ts'
import { StoresContext } from './store/context.ts'
import { createMarket } from './store/market.ts'
import { createPreferences } from './store/preferences.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/shell.css'
import './styles/chain.css'
import './styles/chain-table.css'
import './styles/health.css'
import './styles/greeks.css'
import './styles/charts.css'
import './styles/alerts.css'
import './styles/settings.css'

function after(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs)
  return () => clearTimeout(timer)
}

function every(intervalMs: number, run: () => void): () => void {
  const timer = setInterval(run, intervalMs)
  return () => clearInterval(timer)
}

function onFrame(run: () => void): () => void {
  const frame = requestAnimationFrame(run)
  return () => cancelAnimationFrame(frame)
}

const preferences = createPreferences(localStorage)
const { index, bucket } = preferences.getState()
const client = createHttpClient({ fetch: (...given) => fetch(...given), random: Math.random, after })
const market = createMarket(
  { client, onAlert: () => {}, onFrame, every, elapsed: () => performance.now() },
  { index, bucket },
)
market.start()

const root = document.getElementById('root')
if (root !== null) {
  createRoot(root).render(
    <StoresContext value={{ client, market, preferences }}>
      <App />
    </StoresContext>,
  )
}
