/** What a handler answers; the server adds the headers that all replies share. */
export interface RestReply {
  readonly status: number
  readonly body: string | Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

export type KiteErrorType =
  | 'TokenException'
  | 'PermissionException'
  | 'InputException'
  | 'NetworkException'
  | 'DataException'
  | 'GeneralException'

/** Kite's envelope of success. */
export function success(data: unknown): RestReply {
  return jsonReply(200, { status: 'success', data })
}

/** Kite's envelope of failure. */
export function failure(status: number, errorType: KiteErrorType, message: string): RestReply {
  return jsonReply(status, { status: 'error', message, data: null, error_type: errorType })
}

export function inputFailure(message: string): RestReply {
  return failure(400, 'InputException', message)
}

export function jsonReply(status: number, value: unknown): RestReply {
  return { status, body: JSON.stringify(value), headers: { 'content-type': 'application/json' } }
}

export function htmlReply(status: number, body: string): RestReply {
  return {
    status,
    body,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    },
  }
}

/** As the proxies before Kite answer, without its envelope. */
export function proxyFailure(status: number): RestReply {
  return htmlReply(status, `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`)
}
