import { htmlReply, inputFailure, type RestReply } from './rest-reply.ts'
import type { Sessions } from './session.ts'

/** Where the browser goes after a login when no redirect URL is registered. */
export const FINISH_PATH = '/connect/finish'

/**
 * `/connect/login`: nobody has a password here, so it redirects at once to the registered URL with a request token.
 * `redirect_params` are appended decoded, as Kite does; they cannot replace what Kite itself says.
 */
export function answerLogin(sessions: Sessions, query: URLSearchParams, redirectUrl: string): RestReply {
  if (query.get('api_key') !== sessions.apiKey) return inputFailure('Invalid `api_key`.')
  const target = new URL(redirectUrl)
  const own = { action: 'login', status: 'success', request_token: sessions.requestToken() }
  for (const [name, value] of Object.entries(own)) target.searchParams.set(name, value)
  for (const [name, value] of new URLSearchParams(query.get('redirect_params') ?? ''))
    if (!Object.hasOwn(own, name)) target.searchParams.append(name, value)
  return { status: 302, body: '', headers: { location: target.href } }
}

/** The page behind the default redirect URL: shows the request token and what it is for. */
export function answerFinish(query: URLSearchParams): RestReply {
  const token = /^\w+$/.exec(query.get('request_token') ?? '')?.[0]
  const body =
    token === undefined
      ? '<p>There is no request token in this address. Open the login page again.</p>'
      : `<p>Request token: <code>${token}</code></p>
<p>It is valid once, for five minutes. Exchange it for an access token: <code>POST /session/token</code> with
<code>api_key</code>, <code>request_token</code> and <code>checksum</code>, the SHA-256 of API key, request token and
API secret in a row.</p>`
  return htmlReply(
    200,
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Logged in</title>
<style>body{font:16px system-ui;max-width:40em;margin:4em auto;padding:0 1em}</style></head>
<body><h1>Simulated exchange</h1>${body}</body></html>`,
  )
}
