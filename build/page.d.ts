/** Builds the page when its sources have changed; one sentence when that fails, null when all is well. */
export function buildPage(node: string): string | null
