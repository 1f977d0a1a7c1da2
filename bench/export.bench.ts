import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EXPORT_FORMATS, type ExportFormat } from '../core/contract/legs.ts'
import { formatIst } from '../core/domain/ist.ts'
import type { Arena, Figures, SeenBenchmark } from './harness.ts'
import { folderFor, OPTRADE } from './programs.ts'
import { CHAINS, CONTRACTS, OPENS_AT, writeDay } from './store-day.ts'

const SECONDS = 12_200
const PART = SECONDS / 10
const INDEX = 'NIFTY'
const LOOK_MS = 20
const MIB = 1024

const legsOf = (seconds: number) =>
  (seconds * CONTRACTS * CHAINS.filter(({ index }) => index === INDEX).length) / CHAINS.length

/** The most memory that a process has held so far, MiB; null once it has ended. */
function peakOf(pid: number): number | null {
  try {
    const found = /VmHWM:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return found === null ? null : Number(found[1]) / MIB
  } catch {
    return null
  }
}

/** Exports the first seconds of the day by the command; the most memory that it held, MiB. */
async function exportPeak(folder: string, format: ExportFormat, seconds: number): Promise<number> {
  const out = join(folder, `legs.${format}`)
  const to = formatIst(OPENS_AT + seconds * 1000)
  const args = ['--data-dir', folder, 'export', 'legs', '--index', INDEX, '--to', to, '--format', format, '--out', out]
  const child = spawn(process.execPath, [OPTRADE, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (part) => {
    said += String(part)
  })
  let peak = 0
  const looking = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid ?? 0) ?? 0)
  }, LOOK_MS)
  const status = await new Promise((resolve) => void child.once('close', resolve))
  clearInterval(looking)
  const legs = Number((/^([\d,]+) legs/.exec(said)?.[1] ?? '').replaceAll(',', ''))
  if (status !== 0 || legs !== legsOf(seconds)) throw new RangeError(`the export ended with ${status}: ${said}`)
  rmSync(out)
  return peak
}

const nameOf = (format: ExportFormat, seconds: number) =>
  `${format}, ${(legsOf(seconds) / 1e6).toFixed(1)} million legs`

async function open(): Promise<Arena> {
  const folder = folderFor('export')
  const store = join(folder, 'sim', 'store')
  mkdirSync(store, { recursive: true })
  writeDay(join(store, '2026-11-23.db'), SECONDS)
  const run = async (): Promise<Figures> => {
    const figures: [string, number][] = []
    for (const format of EXPORT_FORMATS)
      for (const seconds of [PART, SECONDS])
        figures.push([nameOf(format, seconds), await exportPeak(folder, format, seconds)])
    return Object.fromEntries(figures)
  }
  return {
    contestants: [{ name: 'exports', run }],
    claims: EXPORT_FORMATS.map((format) => ({
      text: `${format}: peak of a day / of a tenth of it`,
      ...{ of: nameOf(format, SECONDS), to: nameOf(format, PART), better: 'lower', pass: 1.25, ambitious: 1.1 },
    })),
    async close() {
      rmSync(folder, { recursive: true })
    },
  }
}

export const exported: SeenBenchmark = {
  name: 'export',
  title: 'Memory of an export',
  description: `\`optrade export legs\` of one index of a day of ${((SECONDS * CONTRACTS) / 1e6).toFixed(1)} million legs, and of a tenth of it: the most memory that the process held.
Constant memory, whatever the size, would be 1; Linux only.`,
  figures: 'MiB',
  rounds: 1,
  open,
}
