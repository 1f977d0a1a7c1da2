import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SETTING_NAMES } from '../contract/settings.ts'
import { effectOf } from './unsupported.ts'

const root = join(import.meta.dirname, '..', '..')

/** What runs the product, without tests and without the lists themselves. */
function sources(): string {
  return ['core/runtime', 'core/cli', 'app/main']
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .filter(({ name }) => name !== 'unsupported.ts')
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n')
}

describe('effectOf', () => {
  it('says of no setting that it has no effect while the code reads it', () => {
    const code = sources()
    const read = (name: string) =>
      new RegExp(`settings(\\(\\))?\\.${name}\\b|\\{[^{}]*\\b${name}\\b[^{}]*\\} = `).test(code)
    expect([read('CHAIN_SCOPE'), read('SIM_SEED')]).toEqual([true, true])
    expect(SETTING_NAMES.filter((name) => effectOf(name) !== 'full' && read(name))).toEqual([])
  })
})
