import { cpus, totalmem, type } from 'node:os'
import { type Benchmark, type BenchmarkResult, type ClaimResult, reaches, roundsOf } from './harness.ts'

/** The machine and the runtime, as a reader needs them to judge absolute figures. */
export function machine(): string {
  const processors = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  const model = processors[0]?.model.trim() ?? 'unknown processor'
  return `${model}, ${processors.length} processors, ${memory} GiB, ${type()} ${process.arch}, Node ${process.versions.node}`
}

function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return value.toPrecision(value >= 10 ? 3 : 2)
}

function goal({ claim }: ClaimResult, value: number | null): string {
  if (value === null) return '–'
  return `${claim.better === 'higher' ? '≥' : '≤'} ${value}`
}

function verdict(result: ClaimResult): string {
  const { pass, ambitious } = result.claim
  if (ambitious !== null && reaches(result, ambitious)) return 'ambitious'
  if (pass === null) return ambitious === null ? '–' : 'not yet'
  return reaches(result, pass) ? 'pass' : 'missed'
}

function figuresTable(benchmark: Benchmark, { contestants }: BenchmarkResult): string {
  if ('figures' in benchmark) {
    const rows = contestants.map((one) => `| ${one.name} | ${figure(one.median)} |`)
    return [`| | ${benchmark.figures} |`, '|---|---|', ...rows].join('\n')
  }
  const { unit, cost } = benchmark
  const rows = contestants.map((one) => `| ${one.name} | ${figure(one.median)} | ${figure(1e6 / one.median)} |`)
  const head = `| | ns per ${unit}, ${cost === 'elapsed' ? 'elapsed' : 'processor time'} | thousand a second |`
  return [head, '|---|---|---|', ...rows].join('\n')
}

function roundsText(benchmark: Benchmark): string {
  const rounds = roundsOf(benchmark)
  return rounds === 1 ? 'one round' : `median of ${rounds} interleaved rounds`
}

/** The section of one benchmark, without its markers. */
export function sectionOf(benchmark: Benchmark, result: BenchmarkResult, date: string): string {
  const ratios = result.claims.map((one) =>
    ['', one.claim.text, goal(one, one.claim.pass), goal(one, one.claim.ambitious)]
      .concat([figure(one.ratio), figure(one.worst), verdict(one), ''])
      .join(' | ')
      .trim(),
  )
  return `## ${benchmark.title}

${benchmark.description}

| ratio | pass | ambitious | measured | worst round | reached |
|---|---|---|---|---|---|
${ratios.join('\n')}

${figuresTable(benchmark, result)}
${result.remarks === null ? '' : `\n${result.remarks}\n`}
\`npm run bench -- ${benchmark.name}\`, ${date}, ${roundsText(benchmark)} on ${machine()}.
`
}

const HEAD = `# Benchmarks

Made by \`npm run bench\` (all of them) or \`npm run bench -- NAME\` (one). Only the ratios are goals: both sides are
measured in the same run, round by round, so a busy machine meets both. The absolute figures say how it was on the
machine that is named, and nothing about another one. "pass" is what \`npm run bench -- --check\` insists on, less
30 % for busy neighbours; "ambitious" is where it should arrive.
`

const begin = (name: string) => `<!-- ${name}: made by \`npm run bench -- ${name}\` -->`
const end = (name: string) => `<!-- end of ${name} -->`

/** The page with one section renewed; sections stand in the order of `names`, and what has no section gets one. */
export function updatePage(page: string, names: readonly string[], sections: ReadonlyMap<string, string>): string {
  const kept = names.flatMap((name) => {
    const section = sections.get(name) ?? sectionIn(page, name)
    return section === null ? [] : [`${begin(name)}\n${section}${end(name)}\n`]
  })
  return [HEAD, ...kept].join('\n')
}

/** Another page with the section renewed between its markers; as it was when they are not there. */
export function renewSection(page: string, name: string, section: string): string {
  const old = sectionIn(page, name)
  return old === null ? page : page.replace(`${begin(name)}\n${old}`, () => `${begin(name)}\n${section}`)
}

function sectionIn(page: string, name: string): string | null {
  const from = page.indexOf(`${begin(name)}\n`)
  const to = page.indexOf(end(name))
  return from < 0 || to < from ? null : page.slice(from + begin(name).length + 1, to)
}
