import { join } from 'node:path'
import { runChecks } from './checks.ts'

/** `npm run check [-- NAME …]`: everything that can be found without running the product. */
const results = await runChecks(join(import.meta.dirname, '..'), process.argv.slice(2))
const failed = results.filter((result) => !result.passed).length
console.log(`${results.length - failed} passed, ${failed} failed, 0 skipped`)
process.exitCode = failed === 0 && results.length > 0 ? 0 : 1
