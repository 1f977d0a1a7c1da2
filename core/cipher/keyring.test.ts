import { chmodSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Secrets } from '../ports/secrets.ts'
import { keychainPlace, keyFile } from './key-places.ts'
import { createKeyring, type Keyring } from './keyring.ts'
import { keyText, makeMasterKey, parseKeyText } from './master-key.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyring-'))
})
afterEach(() => rm(folder, { recursive: true }))

const PASSPHRASE = 'five words that nobody guesses'
const keyPath = () => join(folder, 'data.key')
const recoveryFile = () => join(folder, 'recovery-key.json')

function open(): Keyring {
  let now = 0
  return createKeyring({
    places: [keyFile(keyPath())],
    recoveryFile: recoveryFile(),
    monotonicMs: () => {
      now += 10_000
      return now
    },
  })
}

const idOf = (keyring: Keyring) => {
  const state = keyring.state()
  return state.kind === 'ready' ? state.key.id : state.kind
}

describe('the key of a data folder', { timeout: 60_000 }, () => {
  it('is made once, lies in a file of its owner alone, and comes back on a fresh machine by the passphrase', async () => {
    const keyring = open()
    expect(idOf(keyring)).toBe('not_set_up')
    await keyring.setUp(PASSPHRASE)
    const id = idOf(keyring)
    expect(id).toMatch(/^[0-9a-f]{16}$/)
    if (process.platform !== 'win32')
      for (const path of [keyPath(), recoveryFile()]) expect(statSync(path).mode & 0o777).toBe(0o600)
    const text = readFileSync(keyPath(), 'utf8').trim()
    await open().setUp('another passphrase')
    expect(readFileSync(keyPath(), 'utf8').trim()).toBe(text)
    await rm(keyPath())
    const fresh = open()
    expect(idOf(fresh)).toBe('locked')
    await expect(fresh.recover('another passphrase')).rejects.toMatchObject({ code: 'passphrase_wrong' })
    await expect(fresh.setUp(PASSPHRASE)).rejects.toMatchObject({ code: 'data_locked' })
    expect(idOf(fresh)).toBe('locked')
    await fresh.recover(PASSPHRASE)
    expect(idOf(fresh)).toBe(id)
    expect(readFileSync(keyPath(), 'utf8').trim()).toBe(text)
  })

  it('gets another passphrase, and the old one opens it no more', async () => {
    const keyring = open()
    await expect(keyring.changePassphrase(PASSPHRASE)).rejects.toMatchObject({ code: 'encryption_not_set_up' })
    await keyring.setUp(PASSPHRASE)
    const id = idOf(keyring)
    await keyring.changePassphrase('ﬁve other words, as typed')
    expect(idOf(keyring)).toBe(id)
    await rm(keyPath())
    await expect(open().recover(PASSPHRASE)).rejects.toMatchObject({ code: 'passphrase_wrong' })
    // Another keyboard gives the same characters in another form.
    await open().recover('five other words, as typed')
    expect(idOf(open())).toBe(id)
  })

  it('is not used when others may read it, nor overwritten when it is no key or another one', async () => {
    const keyring = open()
    await keyring.setUp(PASSPHRASE)
    const kept = readFileSync(keyPath(), 'utf8')
    if (process.platform !== 'win32') {
      chmodSync(keyPath(), 0o640)
      const state = open().state()
      expect(state.kind === 'ready' ? '' : state.sentence).toContain(`chmod 600 ${keyPath()}`)
      chmodSync(keyPath(), 0o600)
    }
    const other = makeMasterKey()
    await writeFile(keyPath(), keyText(other))
    const state = open().state()
    expect(state.kind === 'ready' ? '' : state.sentence).toContain(other.id)
    await expect(open().recover(PASSPHRASE)).rejects.toMatchObject({ code: 'encryption_key_other' })
    await rm(recoveryFile())
    expect(idOf(open())).toBe('unrecoverable')
    await writeFile(keyPath(), 'no key')
    await expect(open().setUp(PASSPHRASE)).rejects.toMatchObject({ code: 'data_locked' })
    expect(readFileSync(keyPath(), 'utf8')).toBe('no key')
    expect(parseKeyText(kept)).not.toBeNull()
  })

  it('that lies there already, put by an administrator, is taken', async () => {
    const given = makeMasterKey()
    await writeFile(keyPath(), `${keyText(given)}\n`, { mode: 0o600 })
    const keyring = open()
    expect(idOf(keyring)).toBe('unrecoverable')
    await keyring.setUp(PASSPHRASE)
    expect(idOf(keyring)).toBe(given.id)
  })

  it('lies in the keychain where there is one', async () => {
    const kept = new Map<string, string>()
    const secrets: Secrets = {
      state: () => 'available',
      read: (name) => kept.get(name) ?? null,
      write: (name, value) => void kept.set(name, value),
      remove: (name) => void kept.delete(name),
    }
    const places = [keychainPlace(secrets), keyFile(keyPath())] as const
    const keyring = createKeyring({ places, recoveryFile: recoveryFile(), monotonicMs: () => 0 })
    await keyring.setUp(PASSPHRASE)
    expect(keyring.find()).toMatchObject({ place: 'in the keychain of this system' })
    expect(() => statSync(keyPath())).toThrow('ENOENT')
    expect([...kept.keys()]).toEqual(['DATA_ENCRYPTION_KEY'])
  })

  it('refuses short passphrases, and a recovery file that is damaged or asks for too much', async () => {
    await expect(open().setUp('too short')).rejects.toMatchObject({ code: 'usage' })
    await open().setUp(PASSPHRASE)
    await rm(keyPath())
    const sound = readFileSync(recoveryFile(), 'utf8')
    for (const [from, to] of [
      ['"passes": 3', '"passes": 2'],
      ['"memoryKiB": 65536', '"memoryKiB": 99999999'],
      ['"version": 1', '"version": 2'],
      ['{', ''],
    ] as const) {
      await writeFile(recoveryFile(), sound.replace(from, to))
      await expect(open().recover(PASSPHRASE)).rejects.toMatchObject({
        code: to === '"passes": 2' ? 'passphrase_wrong' : 'file_unreadable',
      })
      expect(idOf(open())).toBe('locked')
    }
  })

  it('shows nothing of itself where it is printed', () => {
    const key = makeMasterKey()
    const text = keyText(key).slice('optrade-key-1:'.length)
    const hex = key.secret.export().toString('hex')
    for (const shown of [inspect(key, { depth: 9, showHidden: true }), JSON.stringify(key), String(key)]) {
      expect(shown.includes(text) || shown.includes(hex)).toBe(false)
    }
  })
})
