import { createHash } from 'node:crypto'
import { z } from 'zod'

const sessionSchema = z.object({ data: z.object({ access_token: z.string() }) })

/** Logs in to a simulated exchange as Kite's clients do: login page, redirect, request token, checksum. */
export async function login(root: string, apiKey = 'sim_key', apiSecret = 'sim_secret'): Promise<string> {
  const page = await fetch(`${root}/connect/login?v=3&api_key=${apiKey}`, { redirect: 'manual' })
  const requestToken = new URL(page.headers.get('location') ?? '').searchParams.get('request_token') ?? ''
  const checksum = createHash('sha256')
    .update(apiKey + requestToken + apiSecret)
    .digest('hex')
  const reply = await fetch(`${root}/session/token`, {
    method: 'POST',
    headers: { 'X-Kite-Version': '3' },
    body: new URLSearchParams({ api_key: apiKey, request_token: requestToken, checksum }),
  })
  return sessionSchema.parse(await reply.json()).data.access_token
}
