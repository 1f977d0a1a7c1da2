import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createLogFile } from './log-file.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'optrade-log-'))

it('goes on where it was, and is put aside when it is full', () => {
  const dataDir = folder()
  const path = join(dataDir, 'logs', 'desktop.log')
  createLogFile(dataDir, 20)('first line\n')
  const write = createLogFile(dataDir, 20)
  write('second\n')
  expect(readFileSync(path, 'utf8')).toBe('first line\nsecond\n')
  write('third\n')
  expect(readFileSync(path, 'utf8')).toBe('third\n')
  expect(readFileSync(join(dataDir, 'logs', 'desktop.1.log'), 'utf8')).toBe('first line\nsecond\n')
})

it('makes no folder of data, and stops nothing where it cannot be written', () => {
  const missing = join(folder(), 'data')
  createLogFile(missing)('line\n')
  expect(existsSync(missing)).toBe(false)
  writeFileSync(missing, 'a file')
  createLogFile(missing)('line\n')
  expect(readFileSync(missing, 'utf8')).toBe('a file')
})
