import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'

/** The key from which the key of every file is derived. A KeyObject prints nothing of itself. */
export interface MasterKey {
  /** Names it without telling anything of it: 16 hexadecimal digits. */
  readonly id: string
  readonly secret: KeyObject
}

export const KEY_BYTES = 32
const ID_BYTES = 8
const TEXT = /^optrade-key-1:([\w-]{43})$/

export function makeMasterKey(): MasterKey {
  return masterKeyOf(randomBytes(KEY_BYTES))
}

export function masterKeyOf(bytes: Uint8Array): MasterKey {
  const secret = createSecretKey(bytes)
  const id = Buffer.from(hkdfSync('sha256', secret, '', 'optrade key id', ID_BYTES)).toString('hex')
  return { id, secret }
}

/** As it is kept in the keychain or in the key file. */
export function keyText({ secret }: MasterKey): string {
  return `optrade-key-1:${secret.export().toString('base64url')}`
}

/** null when the text is no key. */
export function parseKeyText(text: string): MasterKey | null {
  const [, encoded] = TEXT.exec(text.trim()) ?? []
  return encoded === undefined ? null : masterKeyOf(Buffer.from(encoded, 'base64url'))
}
