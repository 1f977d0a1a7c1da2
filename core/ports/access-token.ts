/** Kite's credentials, read anew for every connection and request: the token changes every morning. */
export interface AccessTokens {
  readonly apiKey: string
  current(): string | null
}
