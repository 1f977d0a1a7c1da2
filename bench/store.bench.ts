import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openDayReader } from '../core/store/day-reader.ts'
import type { Arena, Benchmark } from './harness.ts'
import { CHAINS, CONTRACTS, OPENS_AT, rightOf, strikeOf, tokenOf, writeAnchor, writeDay } from './store-day.ts'

/** On a real disk, where the system's temporary folder may be memory. */
const CACHE = join(import.meta.dirname, '../node_modules/.cache')
const SECONDS = 12_200
const NOON = OPENS_AT + (SECONDS / 2) * 1000
const FIVE_MINUTES = 300_000
/** The contract in the middle of the chain in the middle. */
const CHAIN = 4
const PLACE = 20

const LATEST = 'latest leg of all contracts'
const INSTANT = 'chain at an instant'
const DAY = 'one leg, the whole day'
const MINUTES = 'one leg, five minutes'
const anchor = (name: string) => `table by instrument: ${name}`
const GROUPED = 'table by instrument: GROUP BY token, max(ts)'

async function open(): Promise<Arena> {
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, 'bench-store-'))
  const path = join(folder, '2026-11-23.db')
  const ingest = writeDay(path, SECONDS)
  const plain = writeAnchor(join(folder, 'anchor.db'), path)
  const reader = openDayReader(path)
  const chain = CHAINS[CHAIN] ?? { index: 'NIFTY', bucket: 'this_week' }
  const token = tokenOf(CHAIN, PLACE)
  const tokens = Array.from({ length: CONTRACTS }, (_, at) => tokenOf(0, at))
  const own = tokens.slice(CHAIN * (CONTRACTS / CHAINS.length), (CHAIN + 1) * (CONTRACTS / CHAINS.length))
  const seek = plain.database.prepare('SELECT * FROM legs WHERE token = ? AND ts <= ? ORDER BY ts DESC LIMIT 1')
  const stretch = plain.database.prepare('SELECT * FROM legs WHERE token = ? AND ts >= ? AND ts < ?')
  const grouped = plain.database.prepare('SELECT *, max(ts) FROM legs GROUP BY token')
  const oneLeg = { ...chain, strike: strikeOf(PLACE), right: rightOf(PLACE), limit: SECONDS }

  /** One query, whose answer must have so many legs. */
  const query = (name: string, legs: number, ask: () => number) => ({
    name,
    run() {
      const found = ask()
      if (found !== legs) throw new Error(`${name}: ${found} legs instead of ${legs}`)
      return 1
    },
  })
  const latest = () => CHAINS.reduce((sum, { index, bucket }) => sum + reader.lastLegs(index, bucket, null).length, 0)
  const from = NOON
  const to = NOON + FIVE_MINUTES
  const claim = (text: string, of: string, pass: number | null) => ({
    ...{ text: `${text}: anchor / day store`, of, to: text, better: 'higher' as const, pass, ambitious: null },
  })
  return {
    contestants: [
      query(LATEST, CONTRACTS, latest),
      query(anchor(LATEST), CONTRACTS, () => tokens.filter((one) => seek.get(one, to * 2) !== undefined).length),
      query(GROUPED, CONTRACTS, () => grouped.all().length),
      query(INSTANT, own.length, () => reader.lastLegs(chain.index, chain.bucket, NOON).length),
      query(anchor(INSTANT), own.length, () => own.filter((one) => seek.get(one, NOON) !== undefined).length),
      query(DAY, SECONDS, () => reader.legs(oneLeg).legs.length),
      query(anchor(DAY), SECONDS, () => stretch.all(token, 0, to * 2).length),
      query(MINUTES, FIVE_MINUTES / 1000, () => reader.legs({ ...oneLeg, from, to }).legs.length),
      query(anchor(MINUTES), FIVE_MINUTES / 1000, () => stretch.all(token, from, to).length),
    ],
    claims: [
      { ...claim(LATEST, GROUPED, 10), text: `${LATEST}: GROUP BY / day store` },
      ...[LATEST, INSTANT, DAY, MINUTES].map((name) => claim(name, anchor(name), null)),
    ],
    remarks: `Writing the day took ${ingest.usPerLeg.toFixed(1)} µs of processor a leg, digests included. A leg takes
${ingest.bytesPerLeg.toFixed(0)} bytes in the day store, and ${(plain.bytes / ingest.legs).toFixed(0)} in the table.`,
    async close() {
      reader.close()
      plain.database.close()
      rmSync(folder, { recursive: true })
    },
  }
}

export const store: Benchmark = {
  name: 'store',
  title: 'Questions to a day store',
  description: `A day of ${((SECONDS * CONTRACTS) / 1e6).toFixed(1)} million legs: ${CONTRACTS} contracts in ${CHAINS.length} chains, each once a second, written as the product
writes it. The anchor is a table with all 36 columns and the key (token, ts), filled in that order, the best case for
whoever asks for one contract. Answers are whole legs, as objects.`,
  unit: 'query',
  cost: 'processor',
  roundMs: 100,
  open,
}
