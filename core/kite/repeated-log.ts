/** Distinct messages that are told apart; more of them count as one. */
const MAX_DISTINCT = 100

/**
 * Reports something that may happen thousands of times a second: the first time, then at each power of ten with the
 * number of times so far. `report` gets the message and that number.
 */
export function createRepeatedLog(report: (message: string, times: number) => void): (message: string) => void {
  const times = new Map<string, number>()
  const next = new Map<string, number>()
  return (message) => {
    const known = times.has(message) || times.size < MAX_DISTINCT
    const key = known ? message : 'further messages'
    const count = (times.get(key) ?? 0) + 1
    times.set(key, count)
    if (count < (next.get(key) ?? 1)) return
    next.set(key, count * 10)
    report(key, count)
  }
}
