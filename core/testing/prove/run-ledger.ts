import { compareRecord } from './compare-record.ts'
import type { Finding } from './proof.ts'
import { type RecorderProcess, type StartedBy, startRecorder, type Wanted } from './recorder-process.ts'

/** What one recorder after the other was given and acknowledged in the same folder. */
export interface RunLedger {
  /** Starts the next one behind what was sent. */
  start(wanted?: Partial<Wanted>, by?: StartedBy): RecorderProcess
  /** Takes down what one that has ended sent and acknowledged. */
  settle(recorder: RecorderProcess): void
  sent(): number
  acknowledged(): number
  /** Lets a last, undisturbed recorder take in everything, and compares. */
  compare(what: string): Promise<Finding[]>
}

export function createRunLedger(common: Wanted): RunLedger {
  const sent = new Set<number>()
  const acknowledged = new Set<number>()
  let next = 1
  const start: RunLedger['start'] = (wanted = {}, by = {}) => startRecorder({ ...common, ...wanted, first: next }, by)
  const settle: RunLedger['settle'] = ({ options, sent: last, durable }) => {
    for (let n = options.first; n <= last; n += 1) sent.add(n)
    for (let n = options.first; n <= durable; n += 1) acknowledged.add(n)
    next = Math.max(next, last + 1)
  }
  return {
    start,
    settle,
    sent: () => sent.size,
    acknowledged: () => acknowledged.size,
    async compare(what) {
      const last = start({ count: 14, plant: null })
      const status = await last.ended
      settle(last)
      // What a clean end has sent is recorded, acknowledged or not.
      for (let n = last.options.first; n <= last.sent; n += 1) acknowledged.add(n)
      const findings = await compareRecord({ folder: common.folder, shape: last.options, sent, acknowledged }, what)
      if (status === 0) return findings
      const wrong = [
        `the last recorder ended with ${status}: ${last.errors().trim().split('\n').slice(0, 6).join(' ')}`,
      ]
      return findings.map((finding, at) => (at === 0 ? { ...finding, wrong: [...finding.wrong, ...wrong] } : finding))
    },
  }
}
