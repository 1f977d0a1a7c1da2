import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { startHttp } from '../testing/http-rig.ts'

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function open() {
  const folder = mkdtempSync(join(tmpdir(), 'op-trading-page-'))
  closing.push(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'page', 'assets'), { recursive: true })
  writeFileSync(join(folder, 'page', 'index.html'), '<title>page</title>')
  writeFileSync(join(folder, 'page', 'assets', 'main-1a2b.js'), 'export {}')
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  const rig = await startHttp({ pageFolder: join(folder, 'page') })
  closing.push(rig.server.stop)
  return rig
}

describe('the page', () => {
  it('is at the root, with a policy that lets in nothing foreign, and is never kept', async () => {
    const { get } = await open()
    const reply = await get('/')
    expect([reply.status, reply.type, reply.text]).toEqual([200, 'text/html; charset=utf-8', '<title>page</title>'])
    expect(reply.headers['cache-control']).toBe('no-store')
    const policy = reply.headers['content-security-policy']
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/)
    expect(policy).not.toMatch(/unsafe|\*|http|data:/)
  })

  it('has files with names of their content, which may be kept', async () => {
    const { get } = await open()
    const reply = await get('/assets/main-1a2b.js')
    expect([reply.status, reply.text]).toEqual([200, 'export {}'])
    expect(reply.headers['cache-control']).toContain('immutable')
    expect(reply.headers['x-content-type-options']).toBe('nosniff')
  })

  it.each([
    '/secret.txt',
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/assets/',
  ])('gives nothing else: %s', async (path) => {
    const { get } = await open()
    const reply = await get(path)
    expect([404, 400, 403]).toContain(reply.status)
    expect(reply.type).toMatch(/^application\/problem\+json/)
  })

  it('is refused for other hosts, like everything', async () => {
    const { get } = await open()
    expect((await get('/', { host: 'evil.example' })).status).toBe(403)
    expect((await get('/assets/main-1a2b.js', { host: 'evil.example' })).status).toBe(403)
  })

  it('leaves the documentation and the API where they are', async () => {
    const { get } = await open()
    expect((await get('/indices')).status).toBe(200)
    expect((await get('/openapi.json')).text).not.toContain('main-1a2b')
    expect([200, 302]).toContain((await get('/docs')).status)
  })
})
