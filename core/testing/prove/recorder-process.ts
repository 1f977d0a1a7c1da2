import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { istInstant } from '../../domain/ist.ts'
import { eventually } from '../eventually.ts'
import type { RecorderOptions } from './recorder-options.ts'

const SCRIPT = fileURLToPath(new URL('./recorder.ts', import.meta.url))
const DAY_MS = 86_400_000

/** A day of the record is over after 1500 entries, a segment holds some fifty. */
export const RECORDER_DEFAULTS: Omit<RecorderOptions, 'folder'> = {
  first: 1,
  count: null,
  burst: 4,
  legs: 3,
  startMs: istInstant('2026-11-23', '09:15'),
  stepMs: DAY_MS / 1500,
  segmentBytes: 60_000,
  hurry: 100,
  plant: null,
}

export type Wanted = Partial<RecorderOptions> & Pick<RecorderOptions, 'folder'>

/** What stands in its environment besides. */
export interface StartedBy {
  readonly env?: Readonly<Record<string, string>>
}

export interface SizeReport {
  readonly entries: number
  readonly rssBytes: number
  readonly openFiles: number
}

/** A recorder in a process of its own, and what it has said. */
export interface RecorderProcess {
  readonly child: ChildProcess
  readonly options: RecorderOptions
  /** Highest number that was about to be recorded, and that was acknowledged. */
  readonly sent: number
  readonly durable: number
  readonly epoch: number | null
  readonly isStopped: boolean
  readonly sizes: readonly SizeReport[]
  errors(): string
  /** Resolves when it records; rejects when it ends before. */
  ready(): Promise<void>
  /** Sends a signal and resolves with the exit status once everything it said was read. */
  end(signal: NodeJS.Signals): Promise<number | null>
  readonly ended: Promise<number | null>
}

interface Said {
  sent: number
  durable: number
  epoch: number | null
  isStopped: boolean
  pid: number | null
  readonly sizes: SizeReport[]
}

function hear(said: Said, line: string): void {
  const [word, ...numbers] = line.split(' ')
  const [first = 0, second = 0, third = 0] = numbers.map(Number)
  if (word === 'ready') said.epoch = first
  if (word === 'sent') said.sent = Math.max(said.sent, first)
  if (word === 'durable') said.durable = Math.max(said.durable, first)
  if (word === 'stopped') said.isStopped = true
  if (word === 'size') said.sizes.push({ entries: first, rssBytes: second, openFiles: third })
}

export function startRecorder(wanted: Wanted, { env = {} }: StartedBy = {}): RecorderProcess {
  const options = { ...RECORDER_DEFAULTS, ...wanted }
  const child = spawn(process.execPath, [SCRIPT, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const before = options.first - 1
  const said: Said = { sent: before, durable: before, epoch: null, isStopped: false, pid: null, sizes: [] }
  let rest = ''
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) hear(said, line)
  })
  const ended = once(child, 'close').then(() => child.exitCode)
  // Whoever waits for it being ready hears of it; nobody has to.
  ended.catch(() => {})
  return {
    child,
    options,
    ended,
    get sent() {
      return said.sent
    },
    get durable() {
      return said.durable
    },
    get epoch() {
      return said.epoch
    },
    get isStopped() {
      return said.isStopped
    },
    sizes: said.sizes,
    errors: () => errors,
    ready: async () => {
      const gone = ended.then((status) => {
        throw new Error(`the recorder ended with ${status} before it recorded: ${errors}`)
      })
      const there = eventually(() => {
        if (said.epoch === null && child.exitCode === null && child.signalCode === null)
          throw new Error('the recorder does not start')
      }, 120_000)
      await Promise.race([gone, there])
    },
    end(signal) {
      child.kill(signal)
      return ended
    },
  }
}
