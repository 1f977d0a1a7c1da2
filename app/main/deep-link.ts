import type { Logger } from '../../core/kernel/logger.ts'

/** Links that open the application: `optrade://…`. */
export const LINK_SCHEME = 'optrade'

/**
 * The one place where a link arrives, whichever way the system hands it over. Nothing follows links yet; the query may
 * hold the token of a login and is not logged.
 */
export function receiveLink(link: string, logger: Logger): void {
  const path = URL.canParse(link) ? new URL(link).hostname : '(unreadable)'
  logger.warning(`a link to ${LINK_SCHEME}://${path} was refused: this version follows no links`)
}
