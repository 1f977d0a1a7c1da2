import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { cachePart } from './cache-parts.ts'

let cache = ''
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'optrade-cache-'))
})
afterEach(() => rmSync(cache, { recursive: true, force: true }))

const NO_PROCESS = 2 ** 22 + 1

it('makes a part once, however many ask at the same time', async () => {
  let made = 0
  const make = async (folder: string) => {
    made++
    await new Promise(setImmediate)
    writeFileSync(join(folder, 'file'), 'whole')
  }
  const folders = await Promise.all(['a', 'b', 'c'].map(() => cachePart(cache, 'part', make)))
  expect(new Set(folders)).toEqual(new Set([join(cache, 'part')]))
  expect(made).toBe(1)
  expect(readdirSync(cache)).toEqual(['part'])
})

it('leaves nothing of a part that failed, and makes it at the next call', async () => {
  const fail = () => Promise.reject(new Error('no network'))
  await expect(cachePart(cache, 'part', fail)).rejects.toThrow('no network')
  expect(readdirSync(cache)).toEqual([])
  await cachePart(cache, 'part', async (folder) => writeFileSync(join(folder, 'file'), 'whole'))
  expect(existsSync(join(cache, 'part', 'file'))).toBe(true)
})

it('does not wait for a process that died while it made the part', async () => {
  writeFileSync(join(cache, 'part.lock'), String(NO_PROCESS))
  mkdirSync(join(cache, 'part.dead.half'))
  await cachePart(cache, 'part', async () => {})
  expect(existsSync(join(cache, 'part'))).toBe(true)
  expect(existsSync(join(cache, 'part.lock'))).toBe(false)
})
