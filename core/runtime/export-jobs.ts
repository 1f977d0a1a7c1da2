import { randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { ExportFormat, ExportQuery, Job } from '../contract/legs.ts'
import type { Calendar } from '../domain/calendar.ts'
import { istDate } from '../domain/ist.ts'
import { type Clock, sleep } from '../kernel/clock.ts'
import { OpError, toOpError } from '../kernel/errors.ts'
import { type Component, once } from '../kernel/lifecycle.ts'
import type { CallHandlers, ExportFile } from '../ports/monitor-api.ts'
import { type ExportPlan, planExport } from './export-plan.ts'
import type { LegSelection, RecordedDays } from './leg-pages.ts'
import { openPartialFile } from './partial-file.ts'

export interface ExportJobsDeps {
  readonly clock: Clock
  readonly calendar: Calendar
  readonly days: RecordedDays
}

/** Exports of the running product: a file each, taken by a browser as it is made, or written to where the user says. */
export interface ExportJobs extends Component {
  /** Waits until its file is taken or saved. Throws what `planExport` throws, and `export_limit`. */
  begin(query: ExportQuery): Promise<Job>
  /** Throws `job_unknown`, as all that follow. */
  job(id: string): Job
  cancel(id: string): Job
  /** The file of one that waits. */
  file(id: string): ExportFile
  /** Writes the file of one that waits; what goes wrong is told by the job. */
  save(id: string, path: string): Job
}

interface Work {
  readonly id: string
  readonly plan: ExportPlan
  readonly format: ExportFormat
  readonly name: string
  readonly stopping: AbortController
  /** Ends the wait for somebody to take the file. */
  endWait: () => void
  state: Job['state']
  error: string | null
}

/** At once, waiting ones included; and what is remembered of those that ended. */
const MOST_OPEN = 4
const MOST_KEPT = 20
/** As long as somebody may look for a folder. */
const TAKE_MS = 300_000
/** So few legs that a page takes some milliseconds: packets of the market are received between two of them. */
const PAGE = 500
const GROUP_ROWS = 4_096
const TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
}

export function createExportJobs(deps: ExportJobsDeps): ExportJobs {
  const works = new Map<string, Work>()
  const find = (id: string): Work => {
    const work = works.get(id)
    if (work === undefined) throw new OpError('job_unknown', { id })
    return work
  }
  const take = (id: string): Work => {
    const work = find(id)
    if (work.state !== 'queued') throw new OpError('job_unknown', { id })
    work.state = 'running'
    work.endWait()
    return work
  }
  const saving = new Set<Promise<void>>()
  return {
    name: 'exports',
    async start() {},
    stop: once(async () => {
      for (const work of works.values()) cancel(work)
      await Promise.all(saving)
    }),
    async begin(query) {
      const open = [...works.values()].filter(isOpen).length
      if (open >= MOST_OPEN) throw new OpError('export_limit', { most: MOST_OPEN })
      const work = await createWork(deps, query)
      works.set(work.id, work)
      const ended = [...works.values()].find((one) => !isOpen(one))
      if (works.size > MOST_KEPT && ended !== undefined) works.delete(ended.id)
      work.endWait = deps.clock.after(TAKE_MS, () => cancel(work))
      return jobOf(work)
    },
    job: (id) => jobOf(find(id)),
    cancel(id) {
      const work = find(id)
      cancel(work)
      return jobOf(work)
    },
    file(id) {
      const work = take(id)
      return { name: work.name, type: TYPES[work.format], bytes: run(work) }
    },
    save(id, path) {
      const work = take(id)
      const writing = writeTo(path, work).finally(() => saving.delete(writing))
      saving.add(writing)
      return jobOf(work)
    },
  }
}

/** What a page can ask of them. */
export function createExportCalls(jobs: ExportJobs): Pick<CallHandlers, 'startExport' | 'job' | 'cancelJob'> {
  return {
    startExport: jobs.begin,
    job: ({ id }) => jobs.job(id),
    cancelJob: ({ id }) => jobs.cancel(id),
  }
}

function isOpen({ state }: Work): boolean {
  return state === 'queued' || state === 'running'
}

async function createWork({ clock, calendar, days }: ExportJobsDeps, query: ExportQuery): Promise<Work> {
  // Half of the time is left to everything else.
  const rest = async (tookMs: number) => {
    await setImmediate()
    await sleep(clock, tookMs)
  }
  const plan = await planExport({ days, calendar, now: clock.now() }, query, {
    page: PAGE,
    groupRows: GROUP_ROWS,
    rest,
  })
  return {
    id: randomUUID(),
    plan,
    format: query.format,
    name: nameOf(plan.selection, query.format),
    stopping: new AbortController(),
    endWait: () => {},
    state: 'queued',
    error: null,
  }
}

function cancel(work: Work): void {
  if (!isOpen(work)) return
  work.state = 'cancelled'
  work.endWait()
  work.stopping.abort()
}

/** `NIFTY_this_week_2026-11-23.csv`, `NIFTY_2026-11-23_2026-11-27.csv` */
function nameOf({ index, bucket, from, to }: LegSelection, format: ExportFormat): string {
  const dates = new Set([istDate(from), istDate(to - 1)])
  return `${[index, ...(bucket === null ? [] : [bucket]), ...dates].join('_')}.${format}`
}

/** The bytes, and what becomes of the job with them. Whoever leaves early cancels it; cancelled, it throws. */
async function* run(work: Work, finish = async () => {}): AsyncGenerator<Uint8Array, void> {
  const { signal } = work.stopping
  try {
    for await (const bytes of work.plan.bytes) {
      signal.throwIfAborted()
      yield bytes
    }
    signal.throwIfAborted()
    await finish()
    work.state = 'done'
  } catch (fault) {
    fail(work, fault)
    throw fault
  } finally {
    cancel(work)
  }
}

function fail(work: Work, fault: unknown): void {
  if (work.state !== 'running') return
  work.state = 'failed'
  const { message, hint } = toOpError(fault)
  work.error = `${message}. ${hint}`
}

/** Never rejects: what went wrong is told by the job. */
async function writeTo(path: string, work: Work): Promise<void> {
  try {
    const file = await openPartialFile(path)
    try {
      for await (const bytes of run(work, file.finish)) {
        await file.write(bytes).catch((fault: unknown) => {
          fail(work, fault)
          throw fault
        })
      }
    } finally {
      await file.discard()
    }
  } catch (fault) {
    fail(work, fault)
  }
}

function jobOf({ id, plan, state, error, name }: Work): Job {
  const { legs, bytes, share } = plan.progress()
  return { id, kind: 'export', state, progress: state === 'done' ? 1 : share, error, legs, bytes, file: name }
}
