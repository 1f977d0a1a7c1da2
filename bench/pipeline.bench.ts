import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Arena, Benchmark } from './harness.ts'
import { createMarketFrames, TICKS_PER_SECOND } from './market-frames.ts'
import { createNaiveRecorder } from './naive-recorder.ts'
import { createFullRecorder, createJournalRecorder } from './recorder.ts'

/** Beside the checkout's packages: on a real disk, where the system's temporary folder may be memory. */
const CACHE = join(import.meta.dirname, '../node_modules/.cache')

const ALL = 'journal, store, CSV, JSONL, bus'
const JOURNAL = 'journal alone'
const NAIVE = 'naive assembly'
const CEILING = `one core at ${TICKS_PER_SECOND} ticks/s`

async function open(): Promise<Arena> {
  const market = createMarketFrames()
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, 'bench-'))
  const all = await createFullRecorder(market, join(folder, 'all'))
  const journal = await createJournalRecorder(market, join(folder, 'journal'))
  const naive = createNaiveRecorder(market, join(folder, 'naive'))
  return {
    contestants: [
      { name: ALL, run: all.run },
      { name: JOURNAL, run: journal.run },
      { name: NAIVE, run: naive.run },
    ],
    allowances: [{ name: CEILING, figure: 1e9 / TICKS_PER_SECOND }],
    claims: [
      {
        text: 'naive assembly / the whole pipeline',
        ...{ of: NAIVE, to: ALL, better: 'higher', pass: 10, ambitious: 15 },
      },
      {
        text: 'naive assembly / the whole pipeline, processor time',
        ...{ of: NAIVE, to: ALL, better: 'higher', pass: null, ambitious: null, cost: 'processor' },
      },
      {
        text: 'naive assembly / journal alone (to durable)',
        ...{ of: NAIVE, to: JOURNAL, better: 'higher', pass: 10, ambitious: 15 },
      },
      {
        text: `share of ${CEILING}, the whole pipeline`,
        ...{ of: ALL, to: CEILING, better: 'lower', pass: null, ambitious: 0.04, cost: 'processor' },
      },
      {
        text: `share of ${CEILING}, journal alone`,
        ...{ of: JOURNAL, to: CEILING, better: 'lower', pass: null, ambitious: 0.04, cost: 'processor' },
      },
    ],
    async close() {
      try {
        for (const recorder of [all, journal, naive]) await recorder.stop()
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
  }
}

export const pipeline: Benchmark = {
  name: 'pipeline',
  title: 'From frames to durable',
  description: `A simulated morning of all five indices in mode "full", every strike recorded, in the portions in which
${TICKS_PER_SECOND} ticks a second would come: frames, decoder, collector with forward, IV and Greeks, journal with group commit
(fdatasync), relay, day store, CSV, JSONL and bus, on one thread until everything has arrived. The naive assembly is the
official parser, an object a leg, \`JSON.stringify\`, \`csv-stringify\` and a SQLite table with an index on instrument and
time, one row a statement; it computes no IV and syncs nothing. Shares are processor time, all threads together.`,
  unit: 'tick',
  cost: 'elapsed',
  roundMs: 1000,
  open,
}
