import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { answerPageRequest, fileOf, isPageUrl } from './page-files.ts'

const root = mkdtempSync(join(tmpdir(), 'optrade-page-'))
const folder = join(root, 'page')
mkdirSync(join(folder, 'assets'), { recursive: true })
writeFileSync(join(root, 'secret.txt'), 'secret')
writeFileSync(join(folder, 'index.html'), '<!doctype html>')
writeFileSync(join(folder, 'assets', 'main.js'), 'export {}')
afterAll(() => rmSync(root, { recursive: true }))

const get = (url: string, init?: RequestInit) => answerPageRequest(folder, new Request(url, init))

describe('the files of the page', () => {
  it('are answered with their type and the policy', async () => {
    const page = await get('app://optrade/')
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self'/,
    )
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
    const script = await get('app://optrade/assets/main.js')
    expect([await script.text(), script.headers.get('content-type')]).toEqual([
      'export {}',
      'text/javascript; charset=utf-8',
    ])
  })

  it.each([
    'app://optrade/../secret.txt',
    'app://optrade/%2e%2e/secret.txt',
    'app://optrade/..%2fsecret.txt',
    'app://optrade/assets/..%5c..%5c..%5csecret.txt',
    'app://optrade/%00',
    'app://optrade/%',
    'app://optrade/assets',
    'app://elsewhere/index.html',
    'https://optrade/index.html',
  ])('are all that is answered: %s', async (url) => {
    expect((await get(url)).status).toBe(404)
  })

  it('are only read', async () => {
    expect((await get('app://optrade/index.html', { method: 'POST', body: 'x' })).status).toBe(404)
  })

  it('lie in the folder, whatever the address', () => {
    const part = fc.constantFrom('..', '%2e%2e', '%2f', '%5c', '/', 'assets', 'a', '.', '%00', '~')
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const file = fileOf(folder, `app://optrade/${parts.join('/')}`)
        expect(file === null || file.startsWith(`${folder}/`) || file.startsWith(`${folder}\\`)).toBe(true)
      }),
    )
  })

  it('belong to one origin', () => {
    expect(isPageUrl('app://optrade/notice.html')).toBe(true)
    for (const url of ['app://optrade.example/', 'app:optrade', 'data:text/html,x', 'file:///optrade/', 'nonsense'])
      expect(isPageUrl(url)).toBe(false)
  })
})
