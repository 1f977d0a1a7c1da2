import { promisify } from 'node:util'
import { constants, gzip, zstdCompress } from 'node:zlib'
import { createCsvFormat } from '../core/files/leg-csv.ts'
import type { Arena, Benchmark } from './harness.ts'
import { collectLegs } from './market-feed.ts'
import { createMarketFrames } from './market-frames.ts'

const LEGS = 12_300

const toGzip = promisify<Uint8Array, { level: number }, Buffer>(gzip)
const toZstd = promisify<Uint8Array, { params: Record<number, number> }, Buffer>(zstdCompress)

type Compress = (bytes: Uint8Array) => Promise<Buffer>

const PACKERS: readonly { readonly name: string; readonly compress: Compress }[] = [
  ...[1, 6, 9].map((level) => ({ name: `gzip ${level}`, compress: (bytes: Uint8Array) => toGzip(bytes, { level }) })),
  ...[1, 3].map((level) => ({
    name: `zstd ${level}`,
    compress: (bytes: Uint8Array) => toZstd(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } }),
  })),
]

async function open(): Promise<Arena> {
  const legs = await collectLegs(createMarketFrames(), LEGS)
  const { encode } = createCsvFormat()
  const lines = Buffer.concat(legs.map((leg) => Uint8Array.from(encode(leg))))
  const rows: string[] = []
  for (const { name, compress } of PACKERS) {
    const { length } = await compress(lines)
    rows.push(`| ${name} | ${(length / LEGS).toFixed(1)} | ${(lines.length / length).toFixed(2)} |`)
  }
  return {
    contestants: PACKERS.map(({ name, compress }) => ({
      name,
      async run() {
        await compress(lines)
        return LEGS
      },
    })),
    claims: [
      { text: 'gzip 6 / zstd 1', ...{ of: 'gzip 6', to: 'zstd 1', better: 'higher', pass: null, ambitious: 8 } },
      { text: 'gzip 6 / gzip 1', ...{ of: 'gzip 6', to: 'gzip 1', better: 'higher', pass: null, ambitious: null } },
      { text: 'gzip 9 / gzip 6', ...{ of: 'gzip 9', to: 'gzip 6', better: 'higher', pass: null, ambitious: null } },
    ],
    remarks: `A line is ${(lines.length / LEGS).toFixed(1)} bytes long.\n\n| | bytes per line | ratio |\n|---|---|---|\n${rows.join('\n')}`,
    async close() {},
  }
}

export const compression: Benchmark = {
  name: 'compression',
  title: 'Compressing finished files',
  description: `${LEGS.toLocaleString('en-IN')} legs of a simulated market as CSV, by the levels of \`COMPRESSION_LEVEL\` and by zstd, on the thread pool as
in the product: the thread that takes the ticks only waits. Finished files are gzip since everything reads it.`,
  unit: 'line',
  cost: 'processor',
  roundMs: 200,
  open,
}
