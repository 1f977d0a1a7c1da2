import { Command, Option } from 'commander'
import { createLogUpdate } from 'log-update'
import { EXPORT_FORMATS, type ExportFormat } from '../../contract/legs.ts'
import { INDEX_NAMES, type IndexName } from '../../domain/index-catalog.ts'
import { BUCKETS, type Bucket, RIGHTS, type Right, SOURCES, type Source } from '../../domain/instrument.ts'
import { formatIst } from '../../domain/ist.ts'
import { OpError } from '../../kernel/errors.ts'
import { exportLegs } from '../../runtime/export-legs.ts'
import type { ExportProgress } from '../../runtime/export-plan.ts'
import { finishedFilesOf } from '../../runtime/finished-files.ts'
import { cancelRequested } from '../cancel-requested.ts'
import { settingsFor } from '../settings-flags.ts'

interface LegsOptions {
  readonly index: IndexName
  readonly bucket?: Bucket
  readonly from?: string
  readonly to?: string
  readonly strike?: string
  readonly right?: Right
  readonly within?: string
  readonly format: ExportFormat
  readonly out?: string
  readonly source?: Source
  readonly json?: boolean
}

/** `optrade export legs`: recorded legs as a file, also while the monitor runs. */
export function exportCommand(): Command {
  const root = new Command('export').description('recorded data as files for other programs')
  root
    .command('legs')
    .description('recorded legs of an index as CSV, JSONL or Parquet')
    .addOption(new Option('--index <name>', 'the index').choices(INDEX_NAMES).makeOptionMandatory())
    .addOption(new Option('--bucket <name>', 'one expiry bucket; otherwise all').choices(BUCKETS))
    .option('--from <instant>', 'from then on; otherwise from the beginning of the day of --to')
    .option('--to <instant>', 'up to then, not included; otherwise now')
    .option('--strike <strike>', 'one strike')
    .addOption(new Option('--right <right>', 'calls or puts only').choices(RIGHTS))
    .option('--within <strikes>', 'strikes at most so many from the money; otherwise all that were recorded')
    .addOption(new Option('--format <name>', 'of the file').choices(EXPORT_FORMATS).default('csv'))
    .option('--out <file>', 'the file; otherwise standard output')
    .addOption(new Option('--source <name>', 'whose record; otherwise that of DATA_SOURCE').choices(SOURCES))
    .option('--json', 'the result as JSON')
    .action(run)
  return root
}

async function run(options: LegsOptions, command: Command): Promise<void> {
  const { settings } = settingsFor(command)
  const { out = null } = options
  if (out === null && (options.format === 'parquet' || options.json))
    throw new OpError('usage', { reason: `${options.json ? '--json' : '--format parquet'} needs --out FILE` })
  const signal = cancelRequested(new OpError('cancelled', { what: 'nothing was written' }))
  const block = out !== null && process.stderr.isTTY ? createLogUpdate(process.stderr) : null
  const result = await exportLegs({
    dataDir: settings.DATA_DIR,
    source: options.source ?? settings.DATA_SOURCE,
    request: {
      index: options.index,
      bucket: options.bucket,
      from: options.from,
      to: options.to,
      strike: numberOf('--strike', options.strike, 0.01),
      right: options.right,
      within: numberOf('--within', options.within, 0),
      format: options.format,
    },
    out,
    now: Date.now(),
    onProgress: (progress) => block?.(`${Math.floor(100 * progress.share)} %  ${lineOf(progress)}  Ctrl-C cancels`),
    signal,
    files: await finishedFilesOf(settings),
  })
  block?.clear()
  if (options.json) process.stdout.write(`${JSON.stringify({ ...result, path: out })}\n`)
  else if (out !== null) process.stdout.write(`${lineOf(result)}, written to ${out}\n`)
}

function numberOf(option: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value >= least) return value
  throw new OpError('usage', { reason: `${option} ${text} must be a number from ${least} on` })
}

function lineOf({ legs, bytes, until }: ExportProgress): string {
  const reached = until === null ? '' : ` up to ${formatIst(until)}`
  return `${legs.toLocaleString('en-IN')} legs${reached}, ${(bytes / 1e6).toFixed(1)} MB`
}
