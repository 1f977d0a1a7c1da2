import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMetaStore } from './meta-store.ts'

describe('meta store', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'meta-store-'))
  })
  afterEach(() => rm(folder, { recursive: true }))
  const path = () => join(folder, 'store', 'meta.db')

  it('keeps cursors across restarts', async () => {
    const first = createMetaStore({ folder })
    await first.start()
    expect(first.cursors.load('csv')).toBeNull()
    first.cursors.save('csv', 'a')
    first.cursors.save('csv', 'b')
    first.cursors.save('jsonl', 'c')
    await first.stop()
    await first.stop()
    const second = createMetaStore({ folder })
    await second.start()
    expect(second.cursors.load('csv')).toBe('b')
    second.cursors.remove('csv')
    expect(second.cursors.load('csv')).toBeNull()
    expect(second.cursors.load('jsonl')).toBe('c')
    await second.stop()
  })

  it('refuses to be used before start and after stop', async () => {
    const store = createMetaStore({ folder })
    expect(() => store.cursors.load('csv')).toThrow('not open')
    await store.start()
    await store.stop()
    expect(() => store.cursors.save('csv', 'a')).toThrow('not open')
  })

  it('is a WAL database with a schema version, for the owner alone', async () => {
    const store = createMetaStore({ folder })
    await store.start()
    const other = new Sqlite(path())
    expect(other.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(other.pragma('user_version', { simple: true })).toBe(3)
    other.close()
    if (process.platform !== 'win32') expect((await stat(path())).mode & 0o077).toBe(0)
    await store.stop()
  })

  it.each([
    ['is no database', async () => writeFile(path(), 'x'.repeat(8192))],
    [
      'comes from a newer version',
      async () => {
        const newer = new Sqlite(path())
        newer.pragma('user_version = 99')
        newer.close()
      },
    ],
  ])('says what is wrong with a file that %s, and keeps it', async (_, damage) => {
    const first = createMetaStore({ folder })
    await first.start()
    await first.stop()
    await damage()
    const before = await readFile(path())
    const second = createMetaStore({ folder })
    await expect(second.start()).rejects.toMatchObject({ code: 'store_unreadable', details: { path: path() } })
    expect(await readFile(path())).toEqual(before)
    await second.stop()
  })
})
