import type { LoadedSettings } from '../config/load.ts'
import { SETTING_NAMES, settingFacts } from '../contract/settings.ts'
import { toOpError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'

/** Values of secret settings: none of them may stand in a log line. */
export function secretsOf({ settings }: LoadedSettings): readonly string[] {
  return SETTING_NAMES.filter((name) => settingFacts(name).secret).flatMap((name) => {
    const value = settings[name]
    return typeof value === 'string' && value !== '' ? [value] : []
  })
}

/**
 * Reads the access token anew at each call: it may change every morning in .env, settings.json or the keychain, without
 * a restart. While one of them is broken (it may be in the middle of being written) the last token stays, and the fault
 * is said once. `secrets` learns every token.
 */
export function createTokenReader(
  load: () => LoadedSettings,
  logger: Logger,
  secrets: Set<string>,
): () => string | null {
  let last: string | null = null
  let said = ''
  return () => {
    try {
      last = load().settings.KITE_ACCESS_TOKEN
      said = ''
      if (last !== null) secrets.add(last)
    } catch (fault) {
      const { code, message } = toOpError(fault)
      if (message !== said) logger.error(`the access token cannot be read anew: ${message}`, { code })
      said = message
    }
    return last
  }
}
