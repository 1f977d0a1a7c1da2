import type { FastifyReply } from 'fastify'

/** Sends a body as it is, serialised once: the schemas of replies document and are held by the tests, not by every request. */
export function sendJson(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body))
}
