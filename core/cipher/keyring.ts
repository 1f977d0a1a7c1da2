import { OpError, toOpError } from '../kernel/errors.ts'
import type { KeyPlace } from './key-places.ts'
import { keyText, type MasterKey, makeMasterKey, parseKeyText } from './master-key.ts'
import { checkPassphrase, readRecoveryFile, recoveryKeyId, writeRecoveryFile } from './recovery-file.ts'

export interface KeyringDeps {
  /** Where the key may lie; a new one is put into the first. */
  readonly places: readonly [KeyPlace, ...KeyPlace[]]
  /** Of the recovery file. */
  readonly recoveryFile: string
  readonly monotonicMs: () => number
}

/** `sentence` says why no key is at hand; `isAbsent`: nothing lies where it is kept, so that one may be made. */
export type FoundKey =
  | { readonly key: MasterKey; readonly place: string }
  | { readonly key: null; readonly isAbsent: boolean; readonly sentence: string }

/**
 * `ready`: the key is there and can be recovered. `not_set_up`: there is none, and none is expected. `unrecoverable`:
 * there is one, but no recovery file: nothing is encrypted with it. `locked`: the key of the recovery file is not there.
 */
export type KeyState =
  | { readonly kind: 'ready'; readonly key: MasterKey; readonly place: string }
  | { readonly kind: 'not_set_up' | 'unrecoverable' | 'locked'; readonly sentence: string }

/** The master key of a data folder. */
export interface Keyring {
  /** Never throws. A key that is missing is looked for again, at most once a second. */
  state(): KeyState
  /** The key that is kept, whether it can be recovered or not. */
  find(): FoundKey
  /**
   * Makes what is missing of key and recovery file. Throws `data_locked` when the recovery file is of a key that is not
   * there, `usage`, `file_unwritable`.
   */
  setUp(passphrase: string): Promise<void>
  /** Puts the key of the recovery file where keys are kept. Throws `passphrase_wrong`, `encryption_key_other`. */
  recover(passphrase: string): Promise<void>
  /** Another recovery passphrase for the same key. Throws `data_locked`, `usage`. */
  changePassphrase(passphrase: string): Promise<void>
}

const AGAIN_MS = 1_000

export function createKeyring({ places, recoveryFile, monotonicMs }: KeyringDeps): Keyring {
  let known: { readonly state: KeyState; readonly at: number } | null = null
  const find = () => findKey(places)
  const state = (): KeyState => {
    const isFresh = known !== null && (known.state.kind === 'ready' || monotonicMs() - known.at < AGAIN_MS)
    if (known === null || !isFresh) known = { state: judge(find(), recoveryFile), at: monotonicMs() }
    return known.state
  }
  const changed = () => {
    known = null
  }
  const put = (key: MasterKey) => places[0].write(keyText(key))
  const wrap = async (key: MasterKey, passphrase: string) => {
    await writeRecoveryFile(recoveryFile, key, passphrase)
    changed()
  }
  /** What is not there cannot be wrapped. */
  const keyAtHand = (): MasterKey => {
    const found = find()
    const judged = judge(found, recoveryFile)
    if (judged.kind === 'ready') return judged.key
    if (judged.kind === 'unrecoverable' && found.key !== null) return found.key
    throw keyFault(judged, recoveryFile)
  }
  return {
    state,
    find() {
      const now = state()
      return now.kind === 'ready' ? now : find()
    },
    async setUp(text) {
      const passphrase = checkPassphrase(text)
      changed()
      const before = state()
      if (before.kind === 'ready') return
      if (before.kind === 'locked') throw keyFault(before, recoveryFile)
      // The key first: without a recovery file nothing is encrypted with it.
      if (before.kind === 'not_set_up') await put(makeMasterKey())
      await wrap(keyAtHand(), passphrase)
    },
    async recover(passphrase) {
      const key = await readRecoveryFile(recoveryFile, passphrase)
      const found = find()
      if (found.key !== null && found.key.id !== key.id)
        throw new OpError('encryption_key_other', { place: found.place, id: found.key.id })
      if (found.key === null) await put(key)
      changed()
    },
    async changePassphrase(text) {
      await wrap(keyAtHand(), checkPassphrase(text))
    },
  }
}

function findKey(places: readonly KeyPlace[]): FoundKey {
  for (const place of places) {
    try {
      const text = place.read()
      if (text === null) continue
      const key = parseKeyText(text)
      if (key === null) return { key: null, isAbsent: false, sentence: `what is ${place.where} is no key` }
      return { key, place: place.where }
    } catch (fault) {
      return { key: null, isAbsent: false, sentence: toOpError(fault).message }
    }
  }
  return { key: null, isAbsent: true, sentence: `the key is not ${places.map(({ where }) => where).join(' and not ')}` }
}

function judge(found: FoundKey, recoveryFile: string): KeyState {
  try {
    const expected = recoveryKeyId(recoveryFile)
    if (found.key === null) {
      const kind = expected === null && found.isAbsent ? 'not_set_up' : 'locked'
      return { kind, sentence: found.sentence }
    }
    if (expected === null) return { kind: 'unrecoverable', sentence: `there is no recovery file ${recoveryFile}` }
    if (expected === found.key.id) return { kind: 'ready', ...found }
    const sentence = `the key ${found.place} is ${found.key.id}, and ${recoveryFile} is of ${expected}`
    return { kind: 'locked', sentence }
  } catch (fault) {
    return { kind: 'locked', sentence: toOpError(fault).message }
  }
}

/** Why no file can be encrypted, or no key be wrapped. */
export function keyFault(state: Exclude<KeyState, { kind: 'ready' }>, what: string): OpError {
  const reason = state.sentence
  if (state.kind === 'locked') return new OpError('data_locked', { what, reason })
  return new OpError('encryption_not_set_up', { reason })
}
