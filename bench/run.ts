import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chain } from './chain.bench.ts'
import { charts } from './charts.bench.ts'
import { cipher } from './cipher.bench.ts'
import { compression } from './compression.bench.ts'
import { csv } from './csv.bench.ts'
import { decode } from './decode.bench.ts'
import { disk } from './disk.bench.ts'
import { exported } from './export.bench.ts'
import { type Benchmark, isMissed, measure } from './harness.ts'
import { ingest } from './ingest.bench.ts'
import { jsonl } from './jsonl.bench.ts'
import { mapping } from './mapping.bench.ts'
import { memory } from './memory.bench.ts'
import { page } from './page.bench.ts'
import { screen } from './page-screen.bench.ts'
import { pipeline } from './pipeline.bench.ts'
import { pricing } from './pricing.bench.ts'
import { renewSection, sectionOf, updatePage } from './report.ts'
import { start } from './start.bench.ts'
import { store } from './store.bench.ts'

const BENCHMARKS: readonly Benchmark[] = [
  decode,
  pricing,
  chain,
  csv,
  jsonl,
  cipher,
  compression,
  mapping,
  ingest,
  store,
  disk,
  exported,
  pipeline,
  page,
  screen,
  charts,
  start,
  memory,
]
const NAMES = BENCHMARKS.map(({ name }) => name)
const DOCS = join(import.meta.dirname, '../docs')
const PAGE = join(DOCS, 'benchmarks.md')

/** Runs one benchmark, prints its section, writes it into the page, and returns the goals that were missed. */
async function runOne(benchmark: Benchmark): Promise<readonly string[]> {
  const result = await measure(benchmark)
  const section = sectionOf(benchmark, result, new Date().toISOString().slice(0, 10))
  console.log(section)
  const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : ''
  writeFileSync(PAGE, updatePage(page, NAMES, new Map([[benchmark.name, section]])))
  if (benchmark.page !== undefined) {
    const other = join(DOCS, benchmark.page)
    writeFileSync(other, renewSection(readFileSync(other, 'utf8'), benchmark.name, section))
  }
  return result.claims.filter(isMissed).map(({ claim }) => `${benchmark.name}: ${claim.text}`)
}

const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true })
const unknown = positionals.filter((name) => !NAMES.includes(name))
if (unknown.length > 0) {
  console.error(`optrade: no benchmark is called ${unknown.join(', ')}; there are ${NAMES.join(', ')}.`)
  process.exitCode = 2
} else {
  const missed: string[] = []
  for (const benchmark of BENCHMARKS) {
    if (positionals.length === 0 || positionals.includes(benchmark.name)) missed.push(...(await runOne(benchmark)))
  }
  for (const text of missed) console.error(`missed: ${text}`)
  if (values.check === true && missed.length > 0) process.exitCode = 1
}
