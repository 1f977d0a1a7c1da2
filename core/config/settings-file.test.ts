import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeSettingsFile } from './settings-file.ts'

let folder = ''
let path = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'optrade-settings-'))
  path = join(folder, 'settings.json')
})
afterEach(() => {
  chmodSync(folder, 0o700)
  rmSync(folder, { recursive: true, force: true })
})

const content = (): unknown => JSON.parse(readFileSync(path, 'utf8'))
const MODULE = new URL('./settings-file.ts', import.meta.url).href

/** Runs code in a process of its own; resolves with the signal that ended it, or its exit status. */
function runElsewhere(code: string): Promise<string | number | null> {
  const script = `import { writeSettingsFile } from ${JSON.stringify(MODULE)}\n${code}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    cwd: fileURLToPath(new URL('.', MODULE)),
  })
  return new Promise((resolve) => child.once('close', (status, signal) => resolve(signal ?? status)))
}

describe('writeSettingsFile', () => {
  it('makes the file for its owner alone, and leaves nothing else', async () => {
    await writeSettingsFile(path, { API_PORT: '9000' })
    expect(content()).toEqual({ API_PORT: '9000' })
    expect(readdirSync(folder)).toEqual(['settings.json'])
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('keeps other values and unknown names as they are, and takes out what is null', async () => {
    writeFileSync(path, JSON.stringify({ ENABLE_CSV: false, mine: { a: [1, null] }, LOG_LEVEL: 'debug', gone: null }))
    chmodSync(path, 0o644)
    await writeSettingsFile(path, { LOG_LEVEL: null, API_PORT: '9000' })
    expect(content()).toEqual({ ENABLE_CSV: false, mine: { a: [1, null] }, gone: null, API_PORT: '9000' })
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it.each(['{', '[]', 'null', '7'])('leaves a broken file (%s) as it is', async (text) => {
    writeFileSync(path, text)
    await expect(writeSettingsFile(path, { API_PORT: '1' })).rejects.toMatchObject({ code: 'settings_invalid' })
    expect(readFileSync(path, 'utf8')).toBe(text)
    expect(readdirSync(folder)).toEqual(['settings.json'])
  })

  it('says where it could not write', async () => {
    await expect(writeSettingsFile(join(folder, 'none', 'settings.json'), {})).rejects.toMatchObject({
      code: 'file_unwritable',
      details: { reason: 'ENOENT' },
    })
    mkdirSync(join(folder, 'taken', 'settings.json', 'x'), { recursive: true })
    await expect(writeSettingsFile(join(folder, 'taken', 'settings.json'), {})).rejects.toMatchObject({
      code: 'file_unreadable',
    })
    expect(readdirSync(join(folder, 'taken'))).toEqual(['settings.json'])
  })

  it('loses no change of writers in this process', async () => {
    const names = Array.from({ length: 20 }, (_, place) => `N${place}`)
    await Promise.all(names.map((name) => writeSettingsFile(path, { [name]: 'x' })))
    expect(content()).toEqual(Object.fromEntries(names.map((name) => [name, 'x'])))
  })

  it('loses no change of writers in several processes', async () => {
    const write = (mark: string) =>
      runElsewhere(
        `for (let n = 0; n < 25; n += 1) await writeSettingsFile(${JSON.stringify(path)}, { ['${mark}' + n]: 'x' })`,
      )
    expect(await Promise.all(['a', 'b', 'c'].map(write))).toEqual([0, 0, 0])
    expect(Object.keys(Object(content()))).toHaveLength(75)
    expect(readdirSync(folder)).toEqual(['settings.json'])
  })

  it('leaves the old file when it is killed before the new one has its name, and writes again afterwards', async () => {
    writeFileSync(path, '{"API_PORT":"8001"}')
    const kill = `
      import fs from 'node:fs'
      import { syncBuiltinESMExports } from 'node:module'
      fs.renameSync = () => process.kill(process.pid, 'SIGKILL')
      syncBuiltinESMExports()
      await writeSettingsFile(${JSON.stringify(path)}, { API_PORT: '8002' })`
    expect(await runElsewhere(kill)).toBe('SIGKILL')
    expect(existsSync(`${path}.draft`)).toBe(true)
    expect(readFileSync(path, 'utf8')).toBe('{"API_PORT":"8001"}')
    await writeSettingsFile(path, { LOG_LEVEL: 'debug' })
    expect(content()).toEqual({ API_PORT: '8001', LOG_LEVEL: 'debug' })
    expect(readdirSync(folder)).toEqual(['settings.json'])
  })
})
