import type { METRICS, MetricName } from '../contract/metrics.ts'

/** The labels that a metric needs, no more and no fewer. */
export type LabelsOf<Name extends MetricName> = Readonly<Record<(typeof METRICS)[Name]['labels'][number], string>>

/** Where numbers about the product itself go. Calls never throw and never block. */
export interface Metrics {
  increment<Name extends MetricName>(name: Name, labels: LabelsOf<Name>, by?: number): void
  set<Name extends MetricName>(name: Name, labels: LabelsOf<Name>, value: number): void
  observe<Name extends MetricName>(name: Name, labels: LabelsOf<Name>, value: number): void
  /** Prometheus text exposition format. */
  render(): Promise<string>
}
