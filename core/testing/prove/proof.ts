import type { QueueVerdict } from '../journal-builders.ts'

/** One thing that was done to the product, and what was there afterwards. */
export interface Finding {
  /** With its figures. */
  readonly what: string
  readonly verdict: QueueVerdict
  /** What else should not have been; empty = all as promised. */
  readonly wrong: readonly string[]
}

/** A fault that the harness put in, to see that it is found. */
export interface Planted {
  readonly fault: string
  readonly caught: boolean
  readonly seen: string
}

export interface ProofOutcome {
  readonly findings: readonly Finding[]
  readonly planted: readonly Planted[]
  /** More figures, as a Markdown table. */
  readonly table?: string
  /** What a reader should know besides. */
  readonly remarks?: readonly string[]
}

export interface ProofContext {
  /** How often something is done: as promised, or just enough to see that it works. */
  times(full: number, short: number): number
  /** A new folder that goes at the end. */
  folder(): string
  /** Runs at the end, the last one first, whatever happened. */
  atEnd(run: () => Promise<void> | void): void
  /** Says how far it has come. */
  say(text: string): void
  readonly signal: AbortSignal
}

/** A promise of the product and how it is tried. */
export interface Proof {
  /** `P1`. */
  readonly id: string
  readonly title: string
  readonly promise: string
  run(context: ProofContext): Promise<ProofOutcome>
}

/** Thrown where this machine cannot do what a proof needs; the message is the reason. */
export class Impossible extends Error {}

export const NOTHING_WRONG: QueueVerdict = { lost: 0, duplicated: 0, unexpected: 0, recovered: 0 }

export function addVerdicts(verdicts: readonly QueueVerdict[]): QueueVerdict {
  return verdicts.reduce(
    (sum, one) => ({
      lost: sum.lost + one.lost,
      duplicated: sum.duplicated + one.duplicated,
      unexpected: sum.unexpected + one.unexpected,
      recovered: sum.recovered + one.recovered,
    }),
    NOTHING_WRONG,
  )
}

/** Recovered records are welcome: they were never promised. */
export function holds({ verdict, wrong }: Finding): boolean {
  return verdict.lost + verdict.duplicated + verdict.unexpected === 0 && wrong.length === 0
}

export function proved({ findings, planted }: ProofOutcome): boolean {
  return findings.length > 0 && findings.every(holds) && planted.every(({ caught }) => caught)
}

export function verdictText({ lost, duplicated, unexpected, recovered }: QueueVerdict): string {
  return `${lost} lost, ${duplicated} duplicated, ${unexpected} unexpected, ${recovered} recovered`
}

/** A planted fault is caught when what it spoils does not hold. */
export function plantedIn(fault: string, finding: Finding): Planted {
  const seen = [verdictText(finding.verdict), ...finding.wrong.slice(0, 2)].join('; ')
  return { fault, caught: !holds(finding), seen }
}
