import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { DAY_MS, formatIst, istDate, istTime } from '../domain/ist.ts'
import type { Clock } from '../kernel/clock.ts'
import { toOpError } from '../kernel/errors.ts'
import { type Component, type ComponentStatus, once } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { FinishedFiles } from '../ports/finished-files.ts'
import type { Metrics } from '../ports/metrics.ts'
import { SCAN_CLASSES, type ScanClass, scanRecord } from './record-scan.ts'

export interface RecordCheckDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  /** Keeps the outcome across restarts; usable from the start on. */
  readonly cursors: Cursors
  /** Whether no session is open and every file has all of the record. */
  readonly quiet: () => boolean
  readonly files: FinishedFiles
}

export interface RecordCheckOptions {
  /** The folder of the record. */
  readonly root: string
  /** Wall time of day in India, `HH:MM` (HEALTH_CHECK_AT). */
  readonly at: string
}

export interface RecordCheck extends Component {
  status(): ComponentStatus
}

const LOOK_MS = 60_000
/** A third of one core at most. */
const REST_MS = 16
/** Everything is read once in so many nights. */
const NIGHTS = 7
const CURSOR = 'record-check'

const outcomeSchema = z.object({
  /** IST date of the night. */
  date: z.string(),
  at: z.number(),
  sound: z.int(),
  damaged: z.array(z.object({ path: z.string(), class: z.enum(SCAN_CLASSES), fault: z.string() })),
})
type Outcome = z.infer<typeof outcomeSchema>

const EXPORTED = 'Its legs stand in the day store: optrade export legs writes them again.'
const REMEDIES: Readonly<Record<ScanClass, string>> = {
  journal: 'Keep it as it is and save the day stores elsewhere: they still have what it held.',
  seal: 'Keep it as it is: the segment has checksums of its own.',
  store: 'Stop, delete it and start again: it is built anew from the journal.',
  meta: 'Stop, move it away and start again: positions are found anew, alert rules must be made again.',
  csv: EXPORTED,
  jsonl: EXPORTED,
  reference: 'Keep it as it is: the contracts stand in the day stores as well.',
  archive: 'Put the folder of that day back from a backup of DATA_DIR/archive; other days are not touched.',
}

/**
 * Each night at HEALTH_CHECK_AT, or in the first quiet minute after it, reads a seventh of what is finished: days by
 * their weekday, segments by their number, and again whatever was damaged. What it finds stands in the health until it
 * is gone or sound.
 */
export function createRecordCheck(deps: RecordCheckDeps, { root, at }: RecordCheckOptions): RecordCheck {
  const { clock, logger, metrics, cursors, files } = deps
  const stopping = new AbortController()
  let outcome: Outcome | null = null
  let since = clock.wallNow()
  let cancel: () => void = () => {}
  let working: Promise<void> | null = null

  const publish = (next: Outcome) => {
    if ((outcome?.damaged.length ?? 0) > 0 !== next.damaged.length > 0) since = clock.wallNow()
    outcome = next
    metrics.set('op_record_damaged_files', {}, next.damaged.length)
    metrics.set('op_record_last_verified_timestamp_seconds', {}, Math.floor(next.at / 1000))
  }
  const check = async (date: string) => {
    const night = Math.floor(clock.wallNow() / DAY_MS) % NIGHTS
    const known = new Set(outcome?.damaged.map(({ path }) => join(root, path)))
    const wanted = (place: number, path: string) => place % NIGHTS === night || known.has(path)
    const seen = new Set<string>()
    const damaged: Outcome['damaged'] = []
    const reading = { restMs: REST_MS, signal: stopping.signal, files }
    let sound = 0
    for await (const item of scanRecord(root, { ...reading, wanted })) {
      seen.add(item.path)
      if (item.state === 'sound') sound += 1
      if (item.state === 'damaged') damaged.push({ path: item.path, class: item.class, fault: item.fault ?? '' })
    }
    const still = outcome?.damaged.filter(({ path }) => !seen.has(path) && existsSync(join(root, path))) ?? []
    publish({ date, at: clock.wallNow(), sound, damaged: [...damaged, ...still] })
    cursors.save(CURSOR, JSON.stringify(outcome))
    for (const { path, fault } of damaged) logger.error(`${path} is damaged: ${fault}`)
    logger.info(`checked the record: ${sound} files are sound, ${damaged.length} are damaged`)
  }
  const look = () => {
    const now = clock.wallNow()
    const date = istDate(now)
    if (outcome?.date === date || istTime(now) < at || !deps.quiet()) return
    working ??= check(date)
      .catch((fault: unknown) => {
        if (stopping.signal.aborted) return
        const { code, message } = toOpError(fault)
        logger.error(`the record cannot be checked: ${message}`, { code, error: fault })
      })
      .finally(() => {
        working = null
      })
  }
  return {
    name: 'record-check',
    status: () => ({ since, ...statusOf(outcome) }),
    async start() {
      const text = cursors.load(CURSOR)
      if (text !== null) publish(outcomeSchema.parse(JSON.parse(text)))
      cancel = clock.every(LOOK_MS, look)
    },
    stop: once(async () => {
      cancel()
      stopping.abort()
      await working
    }),
  }
}

function statusOf(outcome: Outcome | null): Omit<ComponentStatus, 'since'> {
  if (outcome === null) return { state: 'running', issue: null, detail: 'Not checked yet.' }
  const [first, ...others] = outcome.damaged
  if (first === undefined) {
    const detail = `Checked ${formatIst(outcome.at).slice(0, 16).replace('T', ' ')}: ${outcome.sound} files, all sound.`
    return { state: 'running', issue: null, detail }
  }
  const more = others.length === 0 ? '' : ` ${others.length} more are damaged: see optrade recover scan.`
  const detail = `${first.path} is damaged: ${first.fault}. ${REMEDIES[first.class]}${more}`
  return { state: 'degraded', issue: 'record_damaged', detail }
}
