import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { argon2idAsync } from '@noble/hashes/argon2.js'
import { z } from 'zod'
import { OpError } from '../kernel/errors.ts'
import { KEY_BYTES, type MasterKey, masterKeyOf } from './master-key.ts'
import { writePrivateText } from './replace-file.ts'

const KEY_ID = /^[0-9a-f]{16}$/

/** `recovery-key.json`: the master key, encrypted with a key that argon2id makes of the passphrase. */
const recoverySchema = z.strictObject({
  version: z.literal(1),
  keyId: z.string().regex(KEY_ID),
  /** Bounded, so that a file made to exhaust the machine is refused. */
  kdf: z.strictObject({
    name: z.literal('argon2id'),
    memoryKiB: z.int().min(19_456).max(1_048_576),
    passes: z.int().min(1).max(16),
    lanes: z.int().min(1).max(16),
    salt: z.base64(),
  }),
  nonce: z.base64(),
  wrapped: z.base64(),
})
type Recovery = z.infer<typeof recoverySchema>

/** OWASP asks for at least 19 MiB and 2 passes; this is done once in a machine's life. */
const ARGON = { name: 'argon2id', memoryKiB: 65_536, passes: 3, lanes: 1 } as const
const SALT_BYTES = 16
const NONCE_BYTES = 12
const TAG_BYTES = 16
const LEAST_CHARACTERS = 12

/** The passphrase as every keyboard and system gives it. Throws `usage`. */
export function checkPassphrase(text: string): string {
  const passphrase = text.normalize('NFKC')
  if ([...passphrase].length < LEAST_CHARACTERS) throw tooShort()
  return passphrase
}

function tooShort(): OpError {
  return new OpError('usage', { reason: `the recovery passphrase must have at least ${LEAST_CHARACTERS} characters` })
}

/** Id of the key that the recovery file at `path` holds; null when there is no file. Throws `file_unreadable`. */
export function recoveryKeyId(path: string): string | null {
  return read(path)?.keyId ?? null
}

export async function writeRecoveryFile(path: string, key: MasterKey, passphrase: string): Promise<void> {
  const kdf = { ...ARGON, salt: randomBytes(SALT_BYTES).toString('base64') }
  const head = { version: 1, keyId: key.id, kdf } as const
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', await keyOf(passphrase, kdf), nonce).setAAD(bytesOfHead(head))
  const wrapped = Buffer.concat([cipher.update(key.secret.export()), cipher.final(), cipher.getAuthTag()])
  const recovery: Recovery = { ...head, nonce: nonce.toString('base64'), wrapped: wrapped.toString('base64') }
  await writePrivateText(path, `${JSON.stringify(recovery, null, 2)}\n`)
}

/** Throws `passphrase_wrong`, and `file_unreadable` when there is no such file or it is damaged. */
export async function readRecoveryFile(path: string, passphrase: string): Promise<MasterKey> {
  const recovery = read(path)
  if (recovery === null) throw new OpError('file_unreadable', { path, reason: 'it is not there' })
  const key = await unwrap(recovery, passphrase.normalize('NFKC'))
  if (key === null || key.id !== recovery.keyId) throw new OpError('passphrase_wrong', { path })
  return key
}

async function unwrap({ nonce, wrapped, ...head }: Recovery, passphrase: string): Promise<MasterKey | null> {
  const sealed = Buffer.from(wrapped, 'base64')
  if (sealed.length !== KEY_BYTES + TAG_BYTES) return null
  const wrapping = await keyOf(passphrase, head.kdf)
  try {
    const decipher = createDecipheriv('aes-256-gcm', wrapping, Buffer.from(nonce, 'base64'))
    decipher.setAAD(bytesOfHead(head)).setAuthTag(sealed.subarray(KEY_BYTES))
    return masterKeyOf(Buffer.concat([decipher.update(sealed.subarray(0, KEY_BYTES)), decipher.final()]))
  } catch {
    // Another passphrase, or a damaged file: nobody can tell them apart.
    return null
  }
}

function keyOf(passphrase: string, { memoryKiB, passes, lanes, salt }: Recovery['kdf']): Promise<Uint8Array> {
  return argon2idAsync(passphrase, Buffer.from(salt, 'base64'), {
    m: memoryKiB,
    t: passes,
    p: lanes,
    dkLen: KEY_BYTES,
  })
}

/** Everything but the wrapped key, in one order. */
function bytesOfHead({ version, keyId, kdf }: Pick<Recovery, 'version' | 'keyId' | 'kdf'>): Buffer {
  const { name, memoryKiB, passes, lanes, salt } = kdf
  return Buffer.from(JSON.stringify([version, keyId, name, memoryKiB, passes, lanes, salt]))
}

function read(path: string): Recovery | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (fault) {
    const code = fault instanceof Error && 'code' in fault ? String(fault.code) : 'unknown'
    if (code === 'ENOENT') return null
    throw new OpError('file_unreadable', { path, reason: code }, { cause: fault })
  }
  try {
    return recoverySchema.parse(JSON.parse(text))
  } catch {
    throw new OpError('file_unreadable', { path, reason: 'it is no recovery file, or damaged' })
  }
}
