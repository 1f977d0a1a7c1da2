import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** Scripts, styles and data of our own origin and nothing else; nobody may put the page into a frame. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * The page at `/`, from the folder of its build; without one `/` leads to the documentation. The files of `assets/`
 * carry a hash in their names and may be kept for ever; the page that names them may not.
 */
export function pageRoutes(folder: string | null) {
  return async (server: FastifyInstance): Promise<void> => {
    if (folder === null || !existsSync(join(folder, 'index.html'))) {
      server.get('/', { schema: { hide: true } }, async (_request, reply) => reply.redirect('/docs'))
      return
    }
    server.addHook('onRoute', (route) => {
      route.schema = { ...route.schema, hide: true }
    })
    await server.register(fastifyStatic, {
      root: folder,
      wildcard: false,
      cacheControl: false,
      setHeaders(reply, path) {
        const isAsset = path.startsWith(join(folder, 'assets'))
        reply.header('cache-control', isAsset ? 'public, max-age=31536000, immutable' : 'no-store')
        reply.header('content-security-policy', POLICY)
        reply.header('x-content-type-options', 'nosniff')
        reply.header('referrer-policy', 'no-referrer')
      },
    })
  }
}
