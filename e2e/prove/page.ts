import { cpus, totalmem, type } from 'node:os'
import { holds, type Proof, type ProofOutcome, proved, verdictText } from '../../core/testing/prove/proof.ts'

/** What came of a proof: its outcome, or why it could not be held on this machine. */
export type Held = { readonly outcome: ProofOutcome } | { readonly impossible: string }

export interface Circumstances {
  /** `YYYY-MM-DD`. */
  readonly date: string
  readonly seconds: number
}

function machine(): string {
  const gibibytes = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} processors, ${gibibytes} GiB, ${type()} ${process.arch}, Node ${process.versions.node}`
}

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** The sentence that stands first: holds, does not, or was not tried. */
function closing(held: Held): string {
  if ('impossible' in held) return `Not tried: ${held.impossible}.`
  const { outcome } = held
  if (proved(outcome)) return 'Holds.'
  const broken = outcome.findings.filter((finding) => !holds(finding)).length
  const missed = outcome.planted.filter(({ caught }) => !caught).length
  const parts = [
    ...(broken > 0 ? [`${broken} of ${outcome.findings.length} findings are not as promised`] : []),
    ...(missed > 0 ? [`${missed} of ${outcome.planted.length} planted faults were not noticed`] : []),
  ]
  return `Does not hold as promised: ${parts.join('; ')}.`
}

function findingsTable({ findings }: ProofOutcome): string {
  const rows = findings.map((finding) => {
    const { lost, duplicated, unexpected, recovered } = finding.verdict
    const remark = finding.wrong.length === 0 ? 'as promised' : `**${finding.wrong.slice(0, 3).join('; ')}**`
    return `| ${cell(finding.what)} | ${lost} | ${duplicated} | ${unexpected} | ${recovered} | ${cell(remark)} |`
  })
  return [
    '| what was done | lost | duplicated | unexpected | recovered | |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

function plantedTable({ planted }: ProofOutcome): string {
  const rows = planted.map(
    ({ fault, caught, seen }) => `| ${cell(fault)} | ${caught ? 'yes' : '**no**'} | ${cell(seen)} |`,
  )
  return ['| planted fault | caught | what was seen |', '|---|---|---|', ...rows].join('\n')
}

function body({ outcome }: { readonly outcome: ProofOutcome }): string {
  const parts = [
    findingsTable(outcome),
    ...(outcome.planted.length > 0 ? [plantedTable(outcome)] : []),
    ...(outcome.table === undefined ? [] : [outcome.table]),
    ...(outcome.remarks ?? []),
  ]
  return parts.join('\n\n')
}

/** The section of one proof, without its markers. */
export function sectionOf(proof: Proof, held: Held, { date, seconds }: Circumstances): string {
  const lines = [`## ${proof.id}: ${proof.title}`, proof.promise, `**${closing(held)}**`]
  if ('outcome' in held) lines.push(body(held))
  lines.push(`\`npm run prove -- ${proof.id}\`, ${date}, ${Math.ceil(seconds)} s on ${machine()}.`)
  return `${lines.join('\n\n')}\n`
}

/** What the terminal shows of a proof. */
export function summaryOf(proof: Proof, held: Held): string {
  const findings = 'outcome' in held ? held.outcome.findings : []
  const planted = 'outcome' in held ? held.outcome.planted : []
  return [
    `${proof.id} ${proof.title}: ${closing(held)}`,
    ...findings.map(
      ({ what, verdict, wrong }) =>
        `  ${verdictText(verdict)}: ${what}${wrong.map((one) => `\n    ! ${one}`).join('')}`,
    ),
    ...planted.map(({ fault, caught, seen }) => `  planted: ${fault}: ${caught ? 'caught' : 'NOT CAUGHT'} (${seen})`),
  ].join('\n')
}

const HEAD = `# What the record survives

Made by \`npm run prove\` (everything) or \`npm run prove -- P1 P4\` (some); each run renews its own sections. Every proof
drives real processes on real files and gives the four numbers of Jepsen's total-queue checker: **lost** (acknowledged
and not there), **duplicated** (there twice), **unexpected** (there and never written), **recovered** (there although
never acknowledged: welcome). "Acknowledged" is what the recorder said was durable before the blow. Each is also run
against a planted fault, to show that it would notice one.
`

const begin = (id: string) => `<!-- ${id}: made by \`npm run prove -- ${id}\` -->`
const end = (id: string) => `<!-- end of ${id} -->`

function sectionIn(page: string, id: string): string | null {
  const from = page.indexOf(`${begin(id)}\n`)
  const to = page.indexOf(end(id))
  return from < 0 || to < from ? null : page.slice(from + begin(id).length + 1, to)
}

/** The page with some sections renewed; the others stay, in the order of `ids`, those that it does not name behind. */
export function updatePage(page: string, ids: readonly string[], sections: ReadonlyMap<string, string>): string {
  const there = [...page.matchAll(/<!-- (\w+): made by/g)].flatMap(([, id]) => (id === undefined ? [] : [id]))
  const kept = [...new Set([...ids, ...there])].flatMap((id) => {
    const section = sections.get(id) ?? sectionIn(page, id)
    return section === null ? [] : [`${begin(id)}\n${section}${end(id)}\n`]
  })
  return [HEAD, ...kept].join('\n')
}
