import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { ExportFile } from '../ports/monitor-api.ts'

/** Sends CSV; typed routes know only the schema of their JSON. */
export function sendCsv(reply: FastifyReply, body: Uint8Array): FastifyReply {
  return reply.type('text/csv; charset=utf-8').send(body)
}

/** Sends a file as it is made; a client that leaves ends the making of it. */
export function sendFile(reply: FastifyReply, { name, type, bytes }: ExportFile): FastifyReply {
  reply.header('content-disposition', `attachment; filename="${name}"`).header('cache-control', 'no-store')
  return reply.type(type).send(Readable.from(bytes, { objectMode: false }))
}

/** Sends a body as it is, serialised once: the schemas of replies document and are held by the tests, not by every request. */
export function sendJson(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(body))
}
