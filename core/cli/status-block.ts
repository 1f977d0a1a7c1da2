import type { HealthReport } from '../contract/api-schema.ts'
import { istTime, parseInstant } from '../domain/ist.ts'

export interface StatusPlace {
  readonly address: string
  readonly dataRoot: string
}

const DASH = '–'
const PHASE_NAMES: Readonly<Record<string, string>> = {
  pre_open: 'Pre-open',
  open: 'Open',
  cash_auction: 'Cash auction',
  fo_only: 'F&O only',
  closed: 'Closed',
  holiday: 'Holiday',
}

function clockOf(instant: string): string {
  const epochMs = parseInstant(instant)
  return epochMs === null ? DASH : istTime(epochMs)
}

function rupees(value: number | null, digits = 2): string {
  if (value === null) return DASH
  return value.toLocaleString('en-IN', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

function indexLine({ index, spot, spot_frozen, atm, last_leg }: HealthReport['indices'][number]): string {
  const frozen = spot_frozen ? ' frozen' : ''
  const last = last_leg === null ? DASH : clockOf(last_leg)
  return `  ${index.padEnd(11)} ${(rupees(spot) + frozen).padStart(19)}   ATM ${rupees(atm, 0).padStart(9)}   last leg ${last}`
}

function componentLines(health: HealthReport): string[] {
  return Object.entries(health.components)
    .filter(([, { state, issue }]) => issue !== null || state === 'failed')
    .map(([name, { state, detail }]) => `  ! ${name}: ${detail ?? state}`)
}

/** The calm block of `optrade run` and `optrade status`: what a trader or operator reads at a glance. */
export function statusLines(health: HealthReport, place: StatusPlace): string[] {
  const { market, feed, record } = health
  const pending = Object.entries(record.pending).map(([name, count]) => `${name} ${count}`)
  const note = market.note === null ? '' : ` (${market.note})`
  const label = health.simulated ? `  SIMULATED (${health.source})` : ''
  return [
    `OP Trading ${health.version}   ${health.status}${label}`,
    `  ${PHASE_NAMES[market.phase] ?? market.phase}${note}   ${clockOf(market.time)} IST, until ${clockOf(market.until)}`,
    ...health.indices.map(indexLine),
    `  ${Math.round(feed.legs_per_second)} legs/s   lag ${feed.lag_ms === null ? DASH : `${feed.lag_ms} ms`}   ${rupees(record.durable_legs, 0)} legs durable, batch ${record.durable_batch ?? DASH}`,
    `  waiting: ${pending.join(', ')}`,
    ...componentLines(health),
    `  ${place.address}   ${place.dataRoot}`,
  ]
}
