import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encryptedPath, type FileCipher } from '../ports/file-cipher.ts'
import { bytesOf } from '../ports/file-reader.ts'
import { type MemoryKey, memoryCipher } from '../testing/memory-keyring.ts'
import { openEncrypted, writeEncrypted } from './encrypted-file.ts'
import { makeMasterKey, masterKeyOf } from './master-key.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cipher-'))
  await mkdir(join(root, 'legs'))
})
afterEach(() => rm(root, { recursive: true }))

/** Says so before each file, so that it can be killed within one. */
const ENCRYPT_ALL = `
import { existsSync } from 'node:fs'
import { masterKeyOf } from './master-key.ts'
import { memoryCipher } from '../testing/memory-keyring.ts'
const cipher = memoryCipher(process.argv[1], true, { key: masterKeyOf(Buffer.alloc(32, 9)) })
for (let n = 0; n < 200; n += 1) {
  const file = process.argv[1] + '/legs/' + n + '.gz'
  process.stdout.write('.')
  if (existsSync(file)) await cipher.encrypt(file, new AbortController().signal)
}
`

const never = new AbortController().signal
const path = () => join(root, 'legs', 'day.csv.gz')
const sealed = () => encryptedPath(path())

/** The encrypted form in segments of 64 bytes, so that a small file has many. */
async function writeSmall(plain: Uint8Array, key = makeMasterKey(), segmentBytes = 64) {
  await writeFile(path(), plain)
  await rm(sealed(), { force: true })
  await writeEncrypted({ source: path(), target: sealed(), key, name: 'a', signal: never, segmentBytes })
  return { key, bytes: readFileSync(sealed()) }
}

/** What is given, and why no more is. */
async function readBack(key = makeMasterKey(), name = 'a'): Promise<{ bytes: Buffer | null; code: string | null }> {
  try {
    return { bytes: await buffer(bytesOf(await openEncrypted(sealed(), name, () => key))), code: null }
  } catch (fault) {
    return { bytes: null, code: fault instanceof Error && 'code' in fault ? String(fault.code) : String(fault) }
  }
}

/** A file in the form in which it counts. */
async function wholeFile(cipher: FileCipher, file: string) {
  const isPlain = existsSync(file)
  return { isPlain, whole: isPlain ? readFileSync(file) : await buffer(bytesOf(await cipher.open(file))) }
}

const DAMAGED = { bytes: null, code: 'encrypted_file_damaged' }

describe('an encrypted file', () => {
  it('gives back any bytes, from anywhere, whatever its segments', async () => {
    const sizes = fc.integer({ min: 64, max: 400 })
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 2_000 }),
        sizes,
        fc.nat(2_000),
        fc.nat(500),
        async (plain, segment, from, length) => {
          const { key, bytes } = await writeSmall(plain, makeMasterKey(), segment)
          expect((await readBack(key)).bytes?.equals(plain)).toBe(true)
          const file = await openEncrypted(sealed(), 'a', () => key)
          const part = Buffer.from(await file.read(from, length))
          await file.close()
          expect(file.size).toBe(plain.length)
          expect(part.equals(plain.subarray(from, from + length))).toBe(true)
          if (plain.length >= 8) expect(bytes.includes(Buffer.from(plain))).toBe(false)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('shows where it is cut, wherever', { timeout: 60_000 }, async () => {
    const { key, bytes } = await writeSmall(randomBytes(150))
    for (let length = 0; length < bytes.length; length += 1) {
      await writeFile(sealed(), bytes.subarray(0, length))
      expect({ length, ...(await readBack(key)) }).toEqual({ length, ...DAMAGED })
    }
  })

  it('shows a flipped bit in every byte', { timeout: 60_000 }, async () => {
    const { key, bytes } = await writeSmall(randomBytes(120))
    for (let bit = 0; bit < 8 * bytes.length; bit += 9) {
      const flipped = Uint8Array.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      await writeFile(sealed(), flipped)
      expect({ bit, ...(await readBack(key)) }).toEqual({ bit, ...DAMAGED })
    }
  })

  it('shows segments that are swapped, repeated, left out, added, or of another file', async () => {
    const key = makeMasterKey()
    const plain = randomBytes(300)
    const other = (await writeSmall(plain, key)).bytes
    const { bytes } = await writeSmall(plain, key)
    const head = 24
    const segments = Array.from({ length: Math.ceil((bytes.length - head) / 64) }, (_, at) =>
      bytes.subarray(head + at * 64, head + at * 64 + 64),
    )
    const [first, second, third, ...rest] = segments
    const stranger = other.subarray(head + 64, head + 128)
    const orders = {
      swapped: [first, third, second, ...rest],
      repeated: [first, second, second, third, ...rest],
      'left out': [first, third, ...rest],
      added: [...segments, stranger],
      'of another file': [first, stranger, third, ...rest],
    }
    for (const [what, order] of Object.entries(orders)) {
      const made = order.flatMap((segment) => (segment === undefined ? [] : [segment]))
      await writeFile(sealed(), Buffer.concat([bytes.subarray(0, head), ...made]))
      expect({ what, ...(await readBack(key)) }).toEqual({ what, ...DAMAGED })
    }
    await writeFile(sealed(), bytes)
    expect((await readBack(key)).bytes?.equals(plain)).toBe(true)
  })

  it('opens under its own name and with its own key only', async () => {
    const { key } = await writeSmall(randomBytes(100))
    expect(await readBack(key, 'b')).toEqual(DAMAGED)
    const forged = { ...makeMasterKey(), id: key.id }
    expect(await readBack(forged)).toEqual(DAMAGED)
  })

  it('is today what it was: the format is kept', async () => {
    const written = Buffer.from(
      'T1BUUkVOQwH94R+l3jTsKAABAAAQ9fbcKBOKOV5ChArLS8mcNblUgrZh23WQJ1cRSueNC6pu/RdUiCDioMzrYfJwKA8gL+4ejcUf2zJzLdeu7AH+Lp8vZwJAGRdlVQmgZVf+7YELVyq1qbseXQ==',
      'base64',
    )
    await writeFile(sealed(), written)
    const { bytes } = await readBack(masterKeyOf(Buffer.alloc(32, 7)), 'sim/legs/2026-11-23/x.csv.gz')
    expect(bytes?.toString()).toBe('ts,index\n1795492800000,NIFTY\n')
  })
})

describe('encrypting', () => {
  it('replaces the plain file, readable by its owner alone, and needs no more than the key to open it', async () => {
    const held: MemoryKey = { key: makeMasterKey() }
    const plain = randomBytes(300_000)
    await writeFile(path(), plain)
    await memoryCipher(root, true, held).encrypt(path(), never)
    expect(await readdir(join(root, 'legs'))).toEqual(['day.csv.gz.enc'])
    if (process.platform !== 'win32') expect(statSync(sealed()).mode & 0o777).toBe(0o600)
    const off = memoryCipher(root, false, held)
    expect(off.encrypts()).toBe(false)
    expect((await buffer(bytesOf(await off.open(path())))).equals(plain)).toBe(true)
  })

  it('binds a file to its place below DATA_DIR', async () => {
    const cipher = memoryCipher(root)
    await writeFile(path(), 'of that day')
    await cipher.encrypt(path(), never)
    const elsewhere = join(root, 'legs', 'other.csv.gz')
    await copyFile(sealed(), encryptedPath(elsewhere))
    await expect(cipher.open(elsewhere)).rejects.toMatchObject({ code: 'encrypted_file_damaged' })
    await expect(cipher.open(join(root, 'none'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('says what to do when the key is missing or another one, and goes on when it is back', async () => {
    const held: MemoryKey = { key: makeMasterKey() }
    const cipher = memoryCipher(root, true, held)
    await writeFile(path(), 'text')
    await cipher.encrypt(path(), never)
    const { key } = held
    held.key = null
    expect(cipher.encrypts()).toBe(false)
    await expect(cipher.open(path())).rejects.toMatchObject({
      code: 'data_locked',
      message: `the encryption key is needed for ${sealed()}: it was taken away`,
    })
    await writeFile(path(), 'text')
    await expect(cipher.encrypt(path(), never)).rejects.toMatchObject({ code: 'data_locked' })
    expect(readFileSync(path(), 'utf8')).toBe('text')
    held.key = makeMasterKey()
    await expect(cipher.open(path())).rejects.toThrow(`encrypted with key ${key?.id}`)
    held.key = key
    expect((await buffer(bytesOf(await cipher.open(path())))).toString()).toBe('text')
  })

  it.each([
    ['the copy is cut', () => writeFile(`${sealed()}.tmp`, 'cut')],
    ['both are there', () => rename(`${path()}.kept`, path())],
  ])('is taken up where it was killed: %s', async (_, state) => {
    const cipher = memoryCipher(root)
    await writeFile(path(), 'first')
    await writeFile(`${path()}.kept`, 'second')
    await cipher.encrypt(path(), never)
    await state()
    if (!existsSync(path())) await writeFile(path(), 'second')
    await cipher.encrypt(path(), never)
    expect((await buffer(bytesOf(await cipher.open(path())))).toString()).toBe('second')
    await rm(`${path()}.kept`, { force: true })
    expect(await readdir(join(root, 'legs'))).toEqual(['day.csv.gz.enc'])
  })

  it('killed at any moment leaves every file whole in one of its forms', { timeout: 120_000 }, async () => {
    const held = { key: masterKeyOf(Buffer.alloc(32, 9)) }
    const contents = new Map<string, Buffer>()
    for (let n = 0; n < 200; n += 1) {
      const file = join(root, 'legs', `${n}.gz`)
      contents.set(file, randomBytes(70_000))
      await writeFile(file, contents.get(file) ?? '')
    }
    const cipher = memoryCipher(root, true, held)
    const forms = new Set<boolean>()
    for (let kill = 0; kill < 5; kill += 1) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', ENCRYPT_ALL, root], {
        cwd: import.meta.dirname,
      })
      const ended = once(child, 'close')
      await once(child.stdout, 'data')
      await setTimeout(Math.random() * 200)
      child.kill('SIGKILL')
      await ended
      for (const [file, content] of contents) {
        const { isPlain, whole } = await wholeFile(cipher, file)
        forms.add(isPlain)
        expect(whole.equals(content)).toBe(true)
      }
    }
    expect(forms.size).toBe(2)
    for (const file of contents.keys()) if (existsSync(file)) await cipher.encrypt(file, never)
    const names = await readdir(join(root, 'legs'))
    expect(names.sort()).toEqual([...contents.keys()].map((file) => basename(encryptedPath(file))).sort())
  })

  it('leaves the plain file when it is cancelled, or the disk refuses', async () => {
    const cipher = memoryCipher(root)
    await writeFile(path(), 'text')
    await expect(cipher.encrypt(path(), AbortSignal.abort())).rejects.toThrow()
    expect(await readdir(join(root, 'legs'))).toEqual(['day.csv.gz'])
    await mkdir(sealed())
    await expect(cipher.encrypt(path(), never)).rejects.toMatchObject({ code: 'file_unwritable' })
    expect(readFileSync(path(), 'utf8')).toBe('text')
  })
})
