import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { z } from 'zod'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const axeSchema = z.object({
  violations: z.array(
    z.object({
      id: z.string(),
      impact: z.string().nullable(),
      nodes: z.array(z.object({ target: z.array(z.unknown()), failureSummary: z.string().optional() })),
    }),
  ),
})

/** Brings axe into a page, until that is loaded anew. */
export async function loadAxe(page: Page): Promise<void> {
  await page.evaluate(AXE)
}

/** Findings of axe that keep somebody from using the page, as `rule: element`. */
export async function findings(page: Page): Promise<string[]> {
  const { violations } = axeSchema.parse(await page.evaluate('axe.run(document, { resultTypes: ["violations"] })'))
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.slice(0, 5).map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary}`),
    )
}
