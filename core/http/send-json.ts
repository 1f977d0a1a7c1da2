import type { FastifyReply } from 'fastify'

/** Sends CSV; typed routes know only the schema of their JSON. */
export function sendCsv(reply: FastifyReply, body: Uint8Array): FastifyReply {
  return reply.type('text/csv; charset=utf-8').send(body)
}

/** Sends a body as it is, serialised once: the schemas of replies document and are held by the tests, not by every request. */
export function sendJson(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body))
}
