import { readFile } from 'node:fs/promises'
import { extname, join, resolve, sep } from 'node:path'
import { PAGE_HOST, PAGE_SCHEME } from '../../core/contract/desktop-bridge.ts'

/** Scripts, styles and data of the page's own origin; nothing from elsewhere, nothing inline, no code from text. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wav': 'audio/wav',
}

/** Whether this is an address of the page. */
export function isPageUrl(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, host } = new URL(url)
  return protocol === `${PAGE_SCHEME}:` && host === PAGE_HOST
}

/** The file below `folder` that an address of the page names; null for any other address and any other folder. */
export function fileOf(folder: string, url: string): string | null {
  if (!isPageUrl(url)) return null
  const path = decoded(new URL(url).pathname)
  if (path === null || path.includes('\0')) return null
  const file = resolve(join(folder, path === '/' ? 'index.html' : path))
  return file.startsWith(resolve(folder) + sep) ? file : null
}

function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path)
  } catch {
    return null
  }
}

/** Answers a request of the page's scheme from the folder of its build. */
export async function answerPageRequest(folder: string, { url, method }: Request): Promise<Response> {
  const file = method === 'GET' ? fileOf(folder, url) : null
  const content = file === null ? null : await readFile(file).catch(() => null)
  if (file === null || content === null) return new Response('not found', { status: 404, headers: safeHeaders('.txt') })
  return new Response(content, { headers: safeHeaders(extname(file)) })
}

function safeHeaders(extension: string): Record<string, string> {
  return {
    'content-type': TYPES[extension] ?? 'text/plain; charset=utf-8',
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  }
}
