import { type LoadedSettings, type LoadInput, loadSettings } from '../../core/config/load.ts'
import { parseSettings, type Settings } from '../../core/contract/settings.ts'
import { OpError } from '../../core/kernel/errors.ts'
import type { Secrets } from '../../core/ports/secrets.ts'
import { createTokenReader, secretsOf } from '../../core/runtime/access-token.ts'
import { createLogger, type RememberingLogger } from '../../core/runtime/logger.ts'
import type { Monitor } from '../../core/runtime/monitor-shape.ts'
import { createLogFile } from './log-file.ts'

/** How long settings that are taken up without a restart may be old. */
const FRESH_MS = 5_000

export interface DesktopRuntimeInputs {
  /** Where settings are read, the keychain not yet among them. */
  readonly input: LoadInput
  readonly secrets: Secrets
  readonly version: string
  readonly pageFolder: string
  readonly archiveWorker: string
}

/** The same runtime as the command line's, with the settings of the desktop. */
export interface DesktopRuntime {
  logger(): RememberingLogger
  /** Throws what `startMonitor` throws, and `settings_invalid`. */
  begin(onStop: (part: string) => void): Promise<Monitor>
  /** The settings as they are now; while a file is broken, as they were last. */
  settings(): Settings
}

export function createDesktopRuntime(inputs: DesktopRuntimeInputs): DesktopRuntime {
  const { input, secrets, version, pageFolder, archiveWorker } = inputs
  const withKeychain: LoadInput = { ...input, keychain: (name) => secrets.read(name) }
  let settings = defaultSettings()
  let readAt = Number.NEGATIVE_INFINITY
  let logger = loggerFor(settings, new Set(), () => {})
  return {
    logger: () => logger,
    async begin(onStop) {
      const loaded = loadSettings(withKeychain)
      settings = loaded.settings
      const hidden = new Set(secretsOf(loaded))
      logger = loggerFor(settings, hidden, createLogFile(settings.DATA_DIR))
      sayUnknown(loaded, logger)
      const accessToken = createTokenReader(() => loadSettings(withKeychain), logger, hidden)
      // Read only now: the window comes first.
      const { startMonitor } = await import('../../core/runtime/monitor.ts')
      const monitor = await startMonitor({
        loaded,
        logger,
        secrets,
        accessToken,
        version,
        pageFolder,
        archiveWorker,
        anyPort: true,
        onStop,
      })
      logger.info(`the API answers at ${monitor.address}, metrics at ${monitor.metricsAddress}/metrics`)
      return monitor
    },
    settings() {
      if (performance.now() - readAt < FRESH_MS) return settings
      readAt = performance.now()
      try {
        settings = loadSettings(withKeychain).settings
      } catch {
        // It may be in the middle of being written; who changes settings is told of faults there.
      }
      return settings
    },
  }
}

function defaultSettings(): Settings {
  const { settings } = parseSettings({})
  if (settings === null) throw new OpError('internal', { reason: 'the default settings are wrong' })
  return settings
}

function loggerFor(settings: Settings, secrets: Set<string>, keep: (line: string) => void): RememberingLogger {
  return createLogger(settings, process.stdout.isTTY === true, secrets, (line) => {
    process.stdout.write(line)
    keep(line)
  })
}

function sayUnknown({ unknown }: LoadedSettings, logger: RememberingLogger): void {
  if (unknown.length > 0) logger.warning(`unknown settings are passed over: ${unknown.join(', ')}`)
}
