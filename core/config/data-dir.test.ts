import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { prepareDataDir, synchronisedBy } from './data-dir.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'optrade-data-dir-'))
})
afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

describe('synchronisedBy', () => {
  it.each([
    ['C:\\Users\\me\\OneDrive\\op', 'OneDrive'],
    ['C:\\Users\\me\\OneDrive - Acme Ltd\\op', 'OneDrive'],
    ['/home/me/Dropbox/op', 'Dropbox'],
    ['/home/me/Dropbox (Personal)/op', 'Dropbox'],
    ['/Users/me/Google Drive/op', 'Google Drive'],
    ['G:\\My Drive\\op', 'Google Drive'],
    ['/Users/me/Library/CloudStorage/GoogleDrive-me@example.com/op', 'a cloud storage'],
    ['C:\\Users\\me\\iCloudDrive\\op', 'iCloud'],
    ['/Users/me/Library/Mobile Documents/com~apple~CloudDocs/op', 'iCloud'],
    ['/home/me/Nextcloud/op', 'Nextcloud'],
    ['\\\\nas\\share\\op', 'a network drive'],
    ['//nas/share/op', 'a network drive'],
  ])('%s: %s', (path, service) => {
    expect(synchronisedBy(path)).toBe(service)
  })

  it.each([
    '/home/me/op',
    './data',
    'C:\\op\\data',
    '/home/me/dropbox-tools/op',
    '/srv/onedriver/op',
    '\\\\?\\C:\\op',
    '\\\\.\\C:\\op',
  ])('%s: nothing', (path) => {
    expect(synchronisedBy(path)).toBeNull()
  })
})

describe('prepareDataDir', () => {
  it('creates the folder, leaves nothing in it, and can be called again', () => {
    const path = join(root, 'a', 'b')
    expect(prepareDataDir(path)).toBe(path)
    expect(prepareDataDir(path)).toBe(path)
    expect(readdirSync(path)).toEqual([])
  })

  it.skipIf(!existsSync('/proc/self'))('refuses a path in which the system makes no folders', () => {
    expect(() => prepareDataDir('/proc/op/data')).toThrow(expect.objectContaining({ code: 'data_dir_unwritable' }))
  })

  it('refuses a synchronised folder before it creates anything', () => {
    const path = join(root, 'OneDrive', 'op')
    expect(() => prepareDataDir(path)).toThrow(
      expect.objectContaining({ code: 'data_dir_synced', details: { path, service: 'OneDrive' } }),
    )
    expect(existsSync(join(root, 'OneDrive'))).toBe(false)
  })

  it('refuses a link into a synchronised folder', () => {
    mkdirSync(join(root, 'Dropbox'))
    symlinkSync(join(root, 'Dropbox'), join(root, 'link'))
    const path = join(root, 'link', 'new', 'data')
    expect(() => prepareDataDir(path)).toThrow(
      expect.objectContaining({ code: 'data_dir_synced', details: { path, service: 'Dropbox' } }),
    )
    expect(readdirSync(join(root, 'Dropbox'))).toEqual([])
  })

  it('refuses a path through a file, and a file itself', () => {
    writeFileSync(join(root, 'file'), '')
    expect(() => prepareDataDir(join(root, 'file', 'data'))).toThrow(
      expect.objectContaining({
        code: 'data_dir_unwritable',
        details: { path: join(root, 'file', 'data'), reason: 'a part of the path is a file, not a folder' },
      }),
    )
    expect(() => prepareDataDir(join(root, 'file'))).toThrow(
      expect.objectContaining({
        code: 'data_dir_unwritable',
        details: { path: join(root, 'file'), reason: 'it is a file, not a folder' },
      }),
    )
  })

  it.skipIf(!existsSync('/proc/self'))('refuses a folder in which no file can be made', () => {
    expect(() => prepareDataDir('/proc/self')).toThrow(
      expect.objectContaining({
        code: 'data_dir_unwritable',
        details: { path: '/proc/self', reason: expect.stringMatching(/can be made there|permission denied/) },
      }),
    )
  })
})
