import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import type { LoadedSettings } from '../../config/load.ts'
import { loadSettings } from '../../config/load.ts'
import { OpError } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import { createTokenReader, secretsOf } from '../../runtime/access-token.ts'
import { createLogger } from '../../runtime/logger.ts'
import { startMonitor } from '../../runtime/monitor.ts'
import type { Monitor } from '../../runtime/monitor-shape.ts'
import { ARCHIVE_WORKER, PAGE_FOLDER, PROJECT_ROOT } from '../places.ts'
import { settingsFor } from '../settings-flags.ts'
import { statusLines } from '../status-block.ts'
import { stopRequested } from '../stop-requested.ts'

const REFRESH_MS = 1_000
/** How long a program that failed may take to record what it has. */
const LAST_WORDS_MS = 2_000
const ROLES = 'collector,processor,analytics,api,monitor'

interface RunOptions {
  readonly roles: string
  readonly source?: string
  readonly port?: string
}

/** `optrade run`: collects, records and serves until it is told to stop. */
export function runCommand(): Command {
  return new Command('run')
    .description('collects, records and serves')
    .option('--roles <list>', 'what this process does', ROLES)
    .option('--source <name>', 'sim, kite or replay (DATA_SOURCE)')
    .option('--port <port>', 'port of the API (API_PORT)')
    .action(async (options: RunOptions, command: Command) => {
      if (options.roles !== ROLES) throw new OpError('not_supported_yet', { what: 'running single roles' })
      const loaded = settingsFor(command, { DATA_SOURCE: options.source, API_PORT: options.port })
      await run(loaded)
    })
}

async function run(loaded: LoadedSettings): Promise<void> {
  const { settings, unknown } = loaded
  const tty = process.stdout.isTTY === true
  const block = tty ? (await import('log-update')).createLogUpdate(process.stdout) : null
  const write = (line: string) => {
    block?.clear()
    process.stdout.write(line)
  }
  const secrets = new Set(secretsOf(loaded))
  const logger = createLogger(settings, tty, secrets, write)
  if (unknown.length > 0) logger.warning(`unknown settings are passed over: ${unknown.join(', ')}`)
  const stop = stopRequested()
  const monitor = await startMonitor({
    loaded,
    logger,
    accessToken: createTokenReader(() => loadSettings(loaded.input), logger, secrets),
    version: versionOfCheckout(),
    archiveWorker: ARCHIVE_WORKER,
    pageFolder: PAGE_FOLDER,
    anyPort: false,
    onPage: (address) => logger.info(`open ${address} in a browser to see the market`),
  })
  logger.info(`the API answers at ${monitor.address}, metrics at ${monitor.metricsAddress}/metrics`)
  const refresh = block === null ? null : setInterval(() => block(blockOf(monitor)), REFRESH_MS)
  watchFaults(monitor, logger)
  const reason = await stop
  clearInterval(refresh ?? undefined)
  block?.clear()
  logger.info(`stopping (${reason}): what was received is being recorded`)
  await monitor.stop()
  logger.info('stopped; everything received is recorded')
}

/** What nobody caught: said once, what was received is recorded as far as that goes, and the process ends as failed. */
function watchFaults(monitor: Monitor, logger: Logger): void {
  let ending = false
  const onFault = (fault: unknown) => {
    if (ending) return
    ending = true
    const error = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
    logger.critical('an unforeseen fault ends the program', { code: 'internal', error })
    const leave = () => process.exit(1)
    setTimeout(leave, LAST_WORDS_MS).unref()
    monitor.stop().then(leave, leave)
  }
  process.on('uncaughtException', onFault)
  process.on('unhandledRejection', onFault)
}

function blockOf(monitor: Monitor): string {
  return statusLines(monitor.health(), monitor).join('\n')
}

function versionOfCheckout(): string {
  const text = readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8')
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? '0.0.0'
}
