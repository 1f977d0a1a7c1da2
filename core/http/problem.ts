import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { problemSchema } from '../contract/api-schema.ts'
import { OpError, toOpError } from '../kernel/errors.ts'
import type { Logger } from '../kernel/logger.ts'

const PROBLEM_TYPE = 'application/problem+json'

/** A problem as a route's schema says that it replies one. */
export const problemReply = {
  description: 'Problem (RFC 9457)',
  content: { [PROBLEM_TYPE]: { schema: problemSchema } },
}

/**
 * Sends an error as RFC 9457 `application/problem+json` with the code of the table and the request's trace id, and with
 * members of its own where it has some.
 */
export function sendProblem(reply: FastifyReply, traceId: string, fault: OpError, own: object = {}): FastifyReply {
  const { http } = fault.spec
  return reply
    .status(http)
    .type(PROBLEM_TYPE)
    .send(
      JSON.stringify({
        ...own,
        type: `urn:optrade:error:${fault.code}`,
        title: fault.code.replaceAll('_', ' '),
        status: http,
        detail: fault.message,
        code: fault.code,
        hint: fault.hint,
        trace_id: traceId,
      }),
    )
}

/** What the server does with anything that is thrown in a route: the only place that logs it. */
export function problemHandler(logger: Logger) {
  return (thrown: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    const fault = problemOf(thrown)
    if (fault.spec.http >= 500 && !fault.spec.retryable) {
      logger.error(`${request.method} ${request.routeOptions.url ?? request.url} failed: ${fault.message}`, {
        code: fault.code,
        trace_id: request.id,
        error: fault.cause ?? fault,
      })
    }
    return sendProblem(reply, request.id, fault)
  }
}

function problemOf(thrown: FastifyError): OpError {
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const reason = thrown.validation
      .map(({ instancePath, message }) => `${instancePath.slice(1) || thrown.validationContext}: ${message}`)
      .join('; ')
    return new OpError('request_invalid', { reason }, { cause: thrown })
  }
  const clientFault = thrown.statusCode !== undefined && thrown.statusCode >= 400 && thrown.statusCode < 500
  return clientFault ? new OpError('request_invalid', { reason: thrown.message }, { cause: thrown }) : toOpError(thrown)
}
