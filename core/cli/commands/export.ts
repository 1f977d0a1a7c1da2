import { Command, Option } from 'commander'
import { createLogUpdate } from 'log-update'
import { EXPORT_FORMATS, type ExportFormat } from '../../contract/legs.ts'
import { INDEX_NAMES, type IndexName } from '../../domain/index-catalog.ts'
import { BUCKETS, type Bucket, RIGHTS, type Right, SOURCES, type Source } from '../../domain/instrument.ts'
import { formatIst } from '../../domain/ist.ts'
import { OpError } from '../../kernel/errors.ts'
import { type ExportProgress, exportLegs } from '../../runtime/export-legs.ts'
import { settingsFor } from '../settings-flags.ts'

interface LegsOptions {
  readonly index: IndexName
  readonly bucket?: Bucket
  readonly from?: string
  readonly to?: string
  readonly strike?: string
  readonly right?: Right
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
  const stopping = new AbortController()
  const cancel = () => stopping.abort(new OpError('usage', { reason: 'cancelled; nothing was written' }))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, cancel)
  const block = out !== null && process.stderr.isTTY ? createLogUpdate(process.stderr) : null
  const result = await exportLegs({
    dataDir: settings.DATA_DIR,
    source: options.source ?? settings.DATA_SOURCE,
    index: options.index,
    query: {
      bucket: options.bucket,
      from: options.from,
      to: options.to,
      strike: strikeOf(options.strike),
      right: options.right,
    },
    format: options.format,
    out,
    now: Date.now(),
    onProgress: (progress) => block?.(lineOf(progress)),
    signal: stopping.signal,
  })
  block?.clear()
  if (options.json) process.stdout.write(`${JSON.stringify({ ...result, path: out })}\n`)
  else if (out !== null) process.stdout.write(`${lineOf(result)}, written to ${out}\n`)
}

function strikeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const strike = Number(text)
  if (Number.isFinite(strike) && strike > 0) return strike
  throw new OpError('usage', { reason: `--strike ${text} must be a number above 0` })
}

function lineOf({ legs, bytes, until }: ExportProgress): string {
  const reached = until === null ? '' : ` up to ${formatIst(until)}`
  return `${legs.toLocaleString('en-IN')} legs${reached}, ${(bytes / 1e6).toFixed(1)} MB`
}
