import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { envExample, settingsMarkdown } from '../core/config/docs.ts'
import { ERRORS } from '../core/kernel/error-table.ts'
import { arrowGraph } from './arrows.ts'

const root = join(import.meta.dirname, '..')

/** A page, or a part of one, that is made from the code. */
interface Page {
  /** Path from the root. */
  readonly file: string
  /** The whole new text; `current` is the text that is there now. */
  readonly render: (current: string) => Promise<string> | string
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

function errorsPage(): string {
  const rows = Object.entries(ERRORS).map(([code, spec]) => {
    const cells = [
      `\`${code}\``,
      cell(spec.message),
      spec.http,
      spec.exit,
      spec.retryable ? 'yes' : 'no',
      cell(spec.hint),
    ]
    return `| ${cells.join(' | ')} |`
  })
  return `# Errors

Made by \`npm run docs\` from core/kernel/error-table.ts: change that table, not this page.

Every failure has one of these codes: in the problem reply of the HTTP API (\`code\`), in the log, and on the
command line, whose exit status is 1 when something failed and 2 when it was used wrongly. \`{name}\` stands for
a detail. Retryable: the same call may succeed later without anybody changing anything.

| code | message | HTTP | exit | retryable | what to do |
|---|---|---|---|---|---|
${rows.join('\n')}
`
}

const GRAPH = /(<!-- graph: made by `npm run docs` -->\n)[\s\S]*?(<!-- end of graph -->)/

async function architecturePage(current: string): Promise<string> {
  if (!GRAPH.test(current)) throw new Error('docs/architecture.md has lost the markers of its graph')
  const graph = await arrowGraph(root)
  return current.replace(
    GRAPH,
    (_whole, begin: string, end: string) => `${begin}\n\`\`\`mermaid\n${graph}\n\`\`\`\n\n${end}`,
  )
}

const PAGES: readonly Page[] = [
  { file: 'docs/errors.md', render: errorsPage },
  { file: 'docs/configuration.md', render: settingsMarkdown },
  { file: '.env.example', render: envExample },
  { file: 'docs/architecture.md', render: architecturePage },
]

const check = process.argv.includes('--check')
for (const page of PAGES) {
  const path = join(root, page.file)
  const current = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const wanted = await page.render(current)
  if (current === wanted) continue
  if (check) {
    console.error(`${page.file} is out of step with the code: run "npm run docs"`)
    process.exitCode = 1
  } else {
    writeFileSync(path, wanted)
    console.log(`wrote ${page.file}`)
  }
}
