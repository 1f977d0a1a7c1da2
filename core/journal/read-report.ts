import type { Logger } from '../kernel/logger.ts'
import type { ReadReport } from './record-reader.ts'

/** Says once what many readers will meet again and again. */
export function createReadReport(logger: Logger): ReadReport {
  const told = new Set<string>()
  let unknown = 0
  return {
    damage(path, fault) {
      const key = `${path} ${fault.offset}`
      if (told.has(key)) return
      told.add(key)
      logger.error('a journal segment is damaged; reading goes on behind it', {
        code: 'journal_corrupt',
        path,
        offset: fault.offset,
        reason: fault.reason,
      })
    },
    unknown(position) {
      unknown += 1
      if (unknown === 1) logger.warning('passed over records that this version does not know', { ...position, unknown })
    },
  }
}
