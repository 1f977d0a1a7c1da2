import { LEG_COLUMNS } from '../core/domain/leg.ts'
import { createJsonlFormat } from '../core/files/leg-jsonl.ts'
import type { Arena, Benchmark } from './harness.ts'
import { bufferText, encodeAll } from './line-buffers.ts'
import { collectLegs } from './market-feed.ts'
import { createMarketFrames } from './market-frames.ts'

const LEGS = 4100

async function open(): Promise<Arena> {
  const legs = await collectLegs(createMarketFrames(), LEGS)
  const { encode } = createJsonlFormat()
  return {
    contestants: [
      { name: 'JSON lines encoder', run: () => encodeAll(legs, encode) },
      { name: 'JSON.stringify', run: () => bufferText(legs, (leg) => `${JSON.stringify(leg)}\n`) },
    ],
    claims: [
      {
        text: 'JSON.stringify / JSON lines encoder',
        ...{ of: 'JSON.stringify', to: 'JSON lines encoder', better: 'higher', pass: 1.5, ambitious: 3 },
      },
    ],
    async close() {},
  }
}

export const jsonl: Benchmark = {
  name: 'jsonl',
  title: 'JSON lines',
  description: `The same legs, ${LEG_COLUMNS.length} keys, as JSON lines in buffers of 64 KiB; no file is written.`,
  unit: 'line',
  cost: 'processor',
  roundMs: 150,
  open,
}
