import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createSecrets, type Keychain } from './secrets.ts'

const path = join(mkdtempSync(join(tmpdir(), 'optrade-secrets-')), 'secrets.json')
afterEach(() => rmSync(path, { force: true }))

/** Turns the text around; `key` stands for the user and the machine. */
const keychain = (key = 'k', backend = 'gnome_libsecret', available = true): Keychain => ({
  isEncryptionAvailable: () => available,
  encryptString: (text) => Buffer.from(key + [...text].reverse().join('')),
  decryptString(encrypted) {
    const text = encrypted.toString()
    if (!text.startsWith(key)) throw new Error('wrong key')
    return [...text.slice(key.length)].reverse().join('')
  },
  getSelectedStorageBackend: () => backend,
})

describe('secrets of the desktop', () => {
  it('are kept encrypted, for this user alone, until they are removed', () => {
    const secrets = createSecrets(keychain(), path)
    expect(secrets.state()).toBe('available')
    expect(secrets.read('KITE_API_SECRET')).toBeNull()
    secrets.write('KITE_API_SECRET', 'open sesame')
    secrets.write('SMTP_URL', 'smtps://u:p@mail')
    expect(createSecrets(keychain(), path).read('KITE_API_SECRET')).toBe('open sesame')
    expect(readFileSync(path, 'utf8')).not.toContain('sesame')
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600)
    secrets.remove('KITE_API_SECRET')
    secrets.remove('KITE_API_SECRET')
    expect(secrets.read('KITE_API_SECRET')).toBeNull()
    expect(secrets.read('SMTP_URL')).toBe('smtps://u:p@mail')
  })

  it.each([
    ['weak', keychain('k', 'basic_text')],
    ['unavailable', keychain('k', 'unknown', false)],
  ])('are not written where the keychain is %s', (state, weak) => {
    const secrets = createSecrets(weak, path)
    expect(secrets.state()).toBe(state)
    expect(() => secrets.write('KITE_API_SECRET', 'open sesame')).toThrow(`the keychain is ${state}`)
    expect(secrets.read('KITE_API_SECRET')).toBeNull()
  })

  it('are missing on another machine and in a damaged file, and can be entered anew', () => {
    createSecrets(keychain('here'), path).write('KITE_API_SECRET', 'open sesame')
    const elsewhere = createSecrets(keychain('there'), path)
    expect(elsewhere.read('KITE_API_SECRET')).toBeNull()
    writeFileSync(path, '{"KITE_API')
    expect(elsewhere.read('KITE_API_SECRET')).toBeNull()
    elsewhere.write('KITE_API_SECRET', 'anew')
    expect(elsewhere.read('KITE_API_SECRET')).toBe('anew')
  })
})
