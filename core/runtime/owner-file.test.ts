import { execFileSync } from 'node:child_process'
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
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readOwner, writeOwner } from './owner-file.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'owner-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const path = () => join(folder, 'run', 'owner.json')
const leave = (owner: unknown) => {
  mkdirSync(join(folder, 'run'), { recursive: true })
  writeFileSync(path(), typeof owner === 'string' ? owner : JSON.stringify(owner))
}

describe('owner file', () => {
  it('says who runs on the folder, until it is removed', () => {
    expect(readOwner(folder)).toBeNull()
    const remove = writeOwner(folder, 8000)
    expect(readOwner(folder)).toEqual({ pid: process.pid, port: 8000, token: expect.stringMatching(/^[\w-]{43}$/) })
    expect(readdirSync(join(folder, 'run'))).toEqual(['owner.json'])
    remove()
    expect(existsSync(path())).toBe(false)
    expect(() => remove()).not.toThrow()
  })

  it('has a token of its own each time', () => {
    writeOwner(folder, 1)
    const first = readOwner(folder)?.token
    writeOwner(folder, 1)
    expect(readOwner(folder)?.token).not.toBe(first)
  })

  it.skipIf(process.platform === 'win32')('is for its user alone, also where an open one lay', () => {
    leave({})
    chmodSync(path(), 0o644)
    writeOwner(folder, 8000)
    expect(statSync(path()).mode & 0o777).toBe(0o600)
  })

  it('of a process that died is nobody', () => {
    const dead = Number(execFileSync(process.execPath, ['--print', 'process.pid'], { encoding: 'utf8' }))
    leave({ pid: dead, port: 8000, token: 'x' })
    expect(readOwner(folder)).toBeNull()
    leave({ pid: process.pid, port: 8000, token: 'x' })
    expect(readOwner(folder)?.pid).toBe(process.pid)
  })

  it.each([['', '{"pid":1', '[]', { pid: 'x', port: 1, token: 't' }, { pid: 1.5, port: 1, token: 't' }]].flat())(
    'that makes no sense is nobody: %j',
    (owner) => {
      leave(owner)
      expect(readOwner(folder)).toBeNull()
    },
  )

  it('of another owner is left alone', () => {
    const remove = writeOwner(folder, 8000)
    leave({ pid: process.ppid, port: 9000, token: 'x' })
    remove()
    expect(JSON.parse(readFileSync(path(), 'utf8'))).toMatchObject({ pid: process.ppid })
  })
})
