import { setImmediate } from 'node:timers/promises'
import { istDate } from '../domain/ist.ts'
import type { Clock } from '../kernel/clock.ts'
import { toOpError } from '../kernel/errors.ts'
import { once } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import type { NumberedPosition } from './day-rows.ts'
import { digestSteps, sealFile } from './day-seal.ts'
import type { DaySeals } from './day-seals.ts'
import { openReadOnly } from './sqlite.ts'

export interface DaySealerDeps {
  readonly clock: Clock
  readonly logger: Logger
  readonly seals: DaySeals
  /** Days that have a file, oldest first. */
  days(): readonly string[]
  path(date: string): string
  /** Whether the record goes on behind the day, or has nothing more. */
  isPast(date: string): boolean
  /** Closes a day's file for writing, with all in it safe and its schema up to date; returns its last record. */
  finish(date: string): NumberedPosition | null
  /** Closes whatever reads the file. */
  release(date: string): void
}

export interface DaySealer {
  /** Seals what is over and past, in the background; one that cannot be sealed now is tried again. */
  look(): void
  stop(): Promise<void>
}

async function digestOfFile(path: string, signal: AbortSignal): Promise<string> {
  const database = openReadOnly(path)
  try {
    const steps = digestSteps(database)
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done) return step.value
      await setImmediate()
      signal.throwIfAborted()
    }
  } finally {
    database.close()
  }
}

export function createDaySealer(deps: DaySealerDeps): DaySealer {
  const { clock, logger, seals } = deps
  const stopping = new AbortController()
  let working: Promise<void> | null = null

  const seal = async (date: string) => {
    const path = deps.path(date)
    const last = deps.finish(date)
    const digest = await digestOfFile(path, stopping.signal)
    deps.release(date)
    if (!sealFile(path, last, digest)) return
    seals.keep(date, { digest, sealedAt: clock.wallNow() })
    logger.info(`${date} is sealed`, { digest })
  }
  const sealAll = async () => {
    const today = istDate(clock.now())
    for (const date of deps.days()) {
      if (stopping.signal.aborted) return
      if (date < today && seals.of(date) === null && deps.isPast(date)) await seal(date)
    }
  }
  return {
    look() {
      working ??= sealAll()
        .catch((fault: unknown) => {
          if (stopping.signal.aborted) return
          const { code, message } = toOpError(fault)
          logger.warning(`a day cannot be sealed yet: ${message}`, { code, error: fault })
        })
        .finally(() => {
          working = null
        })
    },
    stop: once(async () => {
      stopping.abort()
      await working
    }),
  }
}
