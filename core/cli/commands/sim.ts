import { Command } from 'commander'
import { loadSettings } from '../../config/load.ts'
import { parseInstant } from '../../domain/ist.ts'
import { OpError } from '../../kernel/errors.ts'
import { createLogger } from '../../runtime/logger.ts'
import { serveExchange } from '../../runtime/sim-server.ts'
import { stopRequested } from '../stop-requested.ts'

interface ServeOptions {
  readonly port: string
  readonly seed: string
  readonly speed: string
  readonly at?: string
  readonly fault?: string
  readonly recorded?: string
  readonly redirectUrl?: string
  readonly apiKey: string
  readonly apiSecret: string
}

/** `optrade sim serve`: the simulated exchange for any Kite client. */
export function simCommand(): Command {
  const sim = new Command('sim').description('the simulated exchange')
  sim
    .command('serve')
    .description('serves a simulated or recorded market over the wire protocol of Kite Connect, on 127.0.0.1')
    .option('--port <port>', 'port of REST and WebSocket; 0 takes a free one', '7000')
    .option('--seed <number>', 'the same seed gives the same market', '42')
    .option('--speed <factor>', 'market seconds in a second', '1')
    .option('--at <instant>', 'market time at which it begins (2026-11-23T09:10+05:30)')
    .option('--fault <script>', 'scripted faults, e.g. "after=5s disconnect; at=10:30:00 mute 30s"')
    .option('--recorded <file>', 'plays recorded minute quotes (CSV or .csv.gz) instead of the model')
    .option('--redirect-url <url>', 'where a login ends')
    .option('--api-key <key>', 'the API key that is accepted', 'sim_key')
    .option('--api-secret <secret>', 'its secret', 'sim_secret')
    .action(serve)
  return sim
}

async function serve(options: ServeOptions): Promise<void> {
  const { settings } = loadSettings({ env: process.env, cwd: process.cwd() })
  const tty = process.stdout.isTTY === true
  const logger = createLogger(settings, tty, new Set([options.apiSecret]), (line) => process.stdout.write(line))
  const stop = stopRequested()
  const served = await serveExchange(
    {
      port: wholeNumber('--port', options.port, 0, 65_535),
      seed: wholeNumber('--seed', options.seed, 0, 4_294_967_295),
      speed: positiveNumber('--speed', options.speed),
      at: instantOf(options.at),
      fault: options.fault ?? null,
      recorded: options.recorded ?? null,
      redirectUrl: options.redirectUrl ?? null,
      apiKey: options.apiKey,
      apiSecret: options.apiSecret,
      dataDir: settings.DATA_DIR,
    },
    logger,
  )
  process.stdout.write(
    [
      `simulated exchange at ${served.origin}`,
      `  this product against it: ${served.environment} npm start`,
      `  any Kite client:         log in at ${served.loginUrl}`,
      '',
    ].join('\n'),
  )
  await stop
  await served.stop()
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new OpError('usage', { reason: `${name} ${text} must be a whole number from ${min} to ${max}` })
}

function positiveNumber(name: string, text: string): number {
  const value = Number(text)
  if (value > 0 && Number.isFinite(value)) return value
  throw new OpError('usage', { reason: `${name} ${text} must be a number above 0` })
}

function instantOf(text: string | undefined): number | null {
  if (text === undefined) return null
  const instant = parseInstant(text)
  if (instant !== null) return instant
  throw new OpError('usage', { reason: `--at ${text} must be an instant like 2026-11-23T09:10+05:30` })
}
