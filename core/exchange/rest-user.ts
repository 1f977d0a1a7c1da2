import { formatKiteTime } from '../domain/ist.ts'
import { failure, inputFailure, type RestReply, success } from './rest-reply.ts'
import type { Session, SessionRefusal, Sessions } from './session.ts'

/** The trader of the simulated exchange; every key that Kite's `/user/profile` has. */
const PROFILE = {
  user_id: 'SIM001',
  user_type: 'individual',
  email: 'trader@simulated.invalid',
  user_name: 'Simulated Trader',
  user_shortname: 'Simulated',
  broker: 'ZERODHA',
  exchanges: ['NSE', 'NFO', 'BSE', 'BFO'],
  products: ['CNC', 'NRML', 'MIS'],
  order_types: ['MARKET', 'LIMIT', 'SL', 'SL-M'],
  avatar_url: null,
  meta: { demat_consent: 'physical' },
} as const

const CASH = 1_000_000
const NOTHING_USED = {
  debits: 0,
  exposure: 0,
  m2m_realised: 0,
  m2m_unrealised: 0,
  option_premium: 0,
  payout: 0,
  span: 0,
  holding_sales: 0,
  turnover: 0,
  liquid_collateral: 0,
  stock_collateral: 0,
  delivery: 0,
}

function margins(cash: number) {
  return {
    enabled: true,
    net: cash,
    available: {
      adhoc_margin: 0,
      cash,
      opening_balance: cash,
      live_balance: cash,
      collateral: 0,
      intraday_payin: 0,
    },
    utilised: NOTHING_USED,
  }
}

const MARGINS: Readonly<Record<string, unknown>> = { equity: margins(CASH), commodity: margins(0) }

export function answerProfile(): RestReply {
  return success(PROFILE)
}

/** `segment` null: both. */
export function answerMargins(segment: string | null): RestReply {
  if (segment === null) return success(MARGINS)
  const one = MARGINS[segment]
  return one === undefined ? inputFailure('Invalid segment') : success(one)
}

/** POST /session/token: exchanges a request token for an access token. */
export function answerSession(sessions: Sessions, form: URLSearchParams): RestReply {
  const [apiKey, requestToken, checksum] = ['api_key', 'request_token', 'checksum'].map((name) => form.get(name) ?? '')
  if (!apiKey || !requestToken || !checksum)
    return inputFailure('Missing or empty field `api_key`, `request_token` or `checksum`')
  const session = sessions.generate(apiKey, requestToken, checksum)
  return typeof session === 'string' ? refuse(session) : success(sessionBody(sessions, session))
}

/** DELETE /session/token: ends the session; the token itself is the permission. */
export function answerLogout(sessions: Sessions, query: URLSearchParams): RestReply {
  const outcome = sessions.check(query.get('api_key') ?? '', query.get('access_token') ?? '')
  if (outcome !== 'ok') return refuse(outcome)
  sessions.expire()
  return success(true)
}

function sessionBody(sessions: Sessions, session: Session) {
  return {
    ...PROFILE,
    api_key: sessions.apiKey,
    access_token: session.accessToken,
    public_token: sessions.opaque(),
    enctoken: sessions.opaque(),
    refresh_token: '',
    silo: '',
    login_time: formatKiteTime(session.loginAt),
  }
}

function refuse(refusal: SessionRefusal): RestReply {
  switch (refusal) {
    case 'unknown_key':
      return inputFailure('Invalid `api_key`.')
    case 'bad_token':
      return failure(403, 'TokenException', 'Token is invalid or has expired.')
    case 'bad_checksum':
      return failure(403, 'TokenException', 'Invalid `checksum`.')
  }
}
