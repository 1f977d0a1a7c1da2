/** Builds all bundles of `out` when their sources have changed; one sentence when that fails, null when all is well. */
export function buildBundles(node: string): string | null
/** Path of the bundled command line; null when it is missing or a source is newer. */
export function commandLineBundle(): string | null
