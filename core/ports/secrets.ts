/**
 * `available`: kept encrypted by the system's keychain. `weak`: with a key that anybody on this machine can find (Linux
 * without a keyring). `unavailable`: not at all. Nothing is written here unless it is `available`.
 */
export type SecretsState = 'available' | 'weak' | 'unavailable'

/** Where the desktop keeps the values of secret settings, by the names of the settings. */
export interface Secrets {
  state(): SecretsState
  /** null when there is none, or when it can no longer be read (another user, another machine). */
  read(name: string): string | null
  /** Replaces what there was; durable when it returns. Throws OpError `file_unwritable`. */
  write(name: string, value: string): void
  /** Does nothing when there is none. Throws OpError `file_unwritable`. */
  remove(name: string): void
}
