import type { LimitClass, RequestLimits } from './limits.ts'
import { answerFinish, answerLogin, FINISH_PATH } from './login.ts'
import type { Market } from './market.ts'
import { answerHistorical, createInstrumentsRoute } from './rest-instruments.ts'
import { answerQuotes, type QuoteKind } from './rest-quotes.ts'
import { failure, inputFailure, jsonReply, type RestReply } from './rest-reply.ts'
import { answerLogout, answerMargins, answerProfile, answerSession } from './rest-user.ts'
import type { Sessions } from './session.ts'

export interface RestRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** Fields of an urlencoded body; empty without one. */
  readonly form: URLSearchParams
  readonly authorization: string
  readonly acceptsGzip: boolean
}

export interface RestRoutes {
  answer(request: RestRequest): Promise<RestReply>
  /** Whether the path is Kite's own API (and not a page or one of ours): what scripted faults strike. */
  isApi(path: string): boolean
}

export interface RestRoutesDeps {
  readonly market: Market
  readonly sessions: Sessions
  readonly limits: RequestLimits
  readonly redirectUrl: () => string
  /** Bodies of `/sim/clock` and `/sim/counts`. */
  readonly clockBody: () => unknown
  readonly countsBody: () => unknown
}

interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: RegExp
  /** Limit class of a route that needs a session; null for one that is open. */
  readonly limit: LimitClass | null
  /** `parts` are the groups of `path`. Parameters that a route does not know are ignored: clients send them. */
  answer(request: RestRequest, parts: readonly string[]): RestReply | Promise<RestReply>
}

/** The REST interface of api.kite.trade, as far as a monitor needs it, and three paths of our own under `/sim`. */
export function createRestRoutes(deps: RestRoutesDeps): RestRoutes {
  const { sessions, limits } = deps
  const routes = routeTable(deps)

  const refusal = (request: RestRequest, limit: LimitClass | null): RestReply | null => {
    if (limit === null) return null
    const credentials = /^token ([^:\s]+):([^:\s]+)$/.exec(request.authorization)
    if (credentials === null) return inputFailure('Missing or invalid `api_key` or `access_token`.')
    const outcome = sessions.check(credentials[1] ?? '', credentials[2] ?? '')
    if (outcome === 'unknown_key') return inputFailure('Invalid `api_key`.')
    if (outcome !== 'ok') return failure(403, 'TokenException', 'Incorrect `api_key` or `access_token`.')
    return limits.allow(limit) ? null : failure(429, 'NetworkException', 'Too many requests')
  }

  return {
    isApi: (path) => !path.startsWith('/sim/') && !path.startsWith('/connect/'),
    async answer(request) {
      const here = routes.filter((route) => route.path.test(request.path))
      if (here.length === 0) return failure(404, 'GeneralException', 'Route not found')
      const route = here.find((one) => one.method === request.method)
      if (route === undefined) return failure(405, 'GeneralException', 'Method not allowed')
      const parts = route.path.exec(request.path)?.slice(1) ?? []
      return refusal(request, route.limit) ?? (await route.answer(request, parts))
    },
  }
}

function routeTable(deps: RestRoutesDeps): readonly Route[] {
  const { market, sessions } = deps
  const instruments = createInstrumentsRoute(market)
  const open = (path: RegExp, answer: Route['answer']): Route => ({ method: 'GET', path, limit: null, answer })
  const get = (path: RegExp, answer: Route['answer'], limit: LimitClass = 'rest'): Route => ({
    method: 'GET',
    path,
    limit,
    answer,
  })
  const quotes = (kind: QuoteKind, path: RegExp) =>
    get(path, ({ query }) => answerQuotes(market, kind, query.getAll('i')), 'quote')

  return [
    open(/^\/connect\/login$/, ({ query }) => answerLogin(sessions, query, deps.redirectUrl())),
    open(new RegExp(`^${FINISH_PATH}$`), ({ query }) => answerFinish(query)),
    open(/^\/sim\/clock$/, () => jsonReply(200, deps.clockBody())),
    open(/^\/sim\/counts$/, () => jsonReply(200, deps.countsBody())),
    { method: 'POST', path: /^\/session\/token$/, limit: null, answer: ({ form }) => answerSession(sessions, form) },
    { method: 'DELETE', path: /^\/session\/token$/, limit: null, answer: ({ query }) => answerLogout(sessions, query) },
    get(/^\/user\/profile$/, answerProfile),
    get(/^\/user\/margins$/, () => answerMargins(null)),
    get(/^\/user\/margins\/(\w+)$/, (_, [segment = '']) => answerMargins(segment)),
    quotes('quote', /^\/quote$/),
    quotes('ohlc', /^\/quote\/ohlc$/),
    quotes('ltp', /^\/quote\/ltp$/),
    get(/^\/instruments$/, ({ acceptsGzip }) => instruments.answer(null, acceptsGzip)),
    get(/^\/instruments\/(\w+)$/, ({ acceptsGzip }, [exchange = '']) => instruments.answer(exchange, acceptsGzip)),
    get(
      /^\/instruments\/historical\/([^/]+)\/([^/]+)$/,
      ({ query }, [token = '', interval = '']) => answerHistorical(token, interval, query),
      'historical',
    ),
  ]
}
