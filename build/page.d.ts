/** Builds the page when its sources have changed; one sentence when that fails, null when all is well. */
export function buildPage(node: string): string | null
/** The same for all bundles of the desktop application, the page among them. */
export function buildDesktop(node: string): string | null
