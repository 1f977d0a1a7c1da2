import { Command, Option } from 'commander'
import { SOURCES, type Source } from '../../domain/instrument.ts'
import { OpError } from '../../kernel/errors.ts'
import { dataRootOf } from '../../runtime/export-legs.ts'
import { finishedFilesOf } from '../../runtime/finished-files.ts'
import { type ScanItem, scanRecord } from '../../runtime/record-scan.ts'
import { cancelRequested } from '../cancel-requested.ts'
import { settingsFor } from '../settings-flags.ts'

/** `optrade recover scan`: how every file of the record stands, also while the monitor runs. Exit 1 on damage. */
export function recoverCommand(): Command {
  const root = new Command('recover').description('the record after damage')
  root
    .command('scan')
    .description('holds every file of the record against its checksums and digests; changes nothing')
    .addOption(new Option('--source <name>', 'whose record; otherwise that of DATA_SOURCE').choices(SOURCES))
    .option('--json', '{items:[{path,class,state,source}]}')
    .action(scan)
  return root
}

async function scan(options: { source?: Source; json?: boolean }, command: Command): Promise<void> {
  const { settings } = settingsFor(command)
  const signal = cancelRequested(new OpError('cancelled', { what: 'what was not looked at is not known' }))
  const files = await finishedFilesOf(settings)
  const items: ScanItem[] = []
  const folder = dataRootOf(settings.DATA_DIR, options.source ?? settings.DATA_SOURCE)
  for await (const item of scanRecord(folder, { restMs: 0, signal, files })) {
    items.push(item)
    if (!options.json) process.stdout.write(`${lineOf(item)}\n`)
  }
  const bare = items.map(({ path, class: of, state, source }) => ({ path, class: of, state, source }))
  if (options.json) process.stdout.write(`${JSON.stringify({ items: bare })}\n`)
  else process.stdout.write(`${summaryOf(items)}\n`)
  if (items.some(({ state }) => state === 'damaged')) process.exitCode = 1
}

function lineOf({ path, class: of, state, source, fault }: ScanItem): string {
  const why = fault === null ? '' : `: ${fault}; can be made again from the ${source}`
  return `${state.padEnd(10)} ${of.padEnd(9)} ${path}${why}`
}

function summaryOf(items: readonly ScanItem[]): string {
  const states = [...new Set(items.map(({ state }) => state))].sort()
  if (states.length === 0) return 'Nothing is recorded here.'
  return states.map((state) => `${items.filter((item) => item.state === state).length} ${state}`).join(', ')
}
