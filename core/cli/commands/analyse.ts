import { Command, Option } from 'commander'
import { CONVENTIONS, type Convention } from '../../domain/chain-snapshot.ts'
import { parseInstant } from '../../domain/ist.ts'
import { OpError } from '../../kernel/errors.ts'
import { analyseFile } from '../../runtime/analyse-file.ts'
import { analysisLines } from '../analysis-table.ts'
import { settingsFor } from '../settings-flags.ts'

interface ChainOptions {
  readonly convention: Convention
  readonly expiry?: string
  readonly at?: string
  readonly since?: string
  readonly lotSize?: string
  readonly json?: boolean
}

/** `optrade analyse chain`: the analytics of a chain in a file, to be held against the exchange's own. */
export function analyseCommand(): Command {
  const analyse = new Command('analyse').description('analytics of recorded or downloaded data')
  analyse
    .command('chain')
    .description('forward, IV, Greeks and metrics of an option chain: JSON of NSE or BSE, or our own CSV; also gzipped')
    .argument('<file>', 'the file')
    .addOption(
      new Option('--convention <name>', "ours, or the one by which the exchange's published IV is computed")
        .choices(CONVENTIONS)
        .default('market'),
    )
    .option('--expiry <date>', 'YYYY-MM-DD; otherwise the nearest')
    .option('--at <instant>', 'of our CSV the last state up to then; the time of a file that tells none')
    .option('--since <instant>', 'of our CSV the instant from which changes of open interest and price are counted')
    .option('--lot-size <units>', "shows an exchange's lots as units")
    .option('--json', 'as JSON')
    .action(async (file: string, options: ChainOptions, command: Command) => {
      const { settings } = settingsFor(command)
      const analysis = await analyseFile({
        path: file,
        convention: options.convention,
        expiry: dateOf(options.expiry),
        at: instantOf('--at', options.at),
        since: instantOf('--since', options.since),
        lotSize: lotSizeOf(options.lotSize),
        rate: settings.RISK_FREE_RATE,
        dataDir: settings.DATA_DIR,
      })
      process.stdout.write(options.json ? `${JSON.stringify(analysis)}\n` : `${analysisLines(analysis).join('\n')}\n`)
    })
  return analyse
}

function dateOf(text: string | undefined): string | null {
  if (text === undefined) return null
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && parseInstant(`${text}T00:00`) !== null) return text
  throw new OpError('usage', { reason: `--expiry ${text} must be a date like 2026-11-24` })
}

function instantOf(name: string, text: string | undefined): number | null {
  if (text === undefined) return null
  const instant = parseInstant(text)
  if (instant !== null) return instant
  throw new OpError('usage', { reason: `${name} ${text} must be an instant like 2026-11-23T09:10+05:30` })
}

function lotSizeOf(text: string | undefined): number | null {
  if (text === undefined) return null
  const units = Number(text)
  if (Number.isInteger(units) && units > 0) return units
  throw new OpError('usage', { reason: `--lot-size ${text} must be a whole number above 0` })
}
