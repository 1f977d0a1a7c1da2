import { expect, it } from 'vitest'
import { allNeeds, provision } from './provision.ts'
import { findTestElectron } from './test-electron.ts'

const present = { name: 'redis', isPresent: () => true, aptPackages: ['redis-server'] }
const absent = { name: 'chromium', isPresent: () => false, aptPackages: ['chromium', 'xvfb'] }

it('installs nothing when everything is there', () => {
  const installed: string[] = []
  expect(provision([present], (packages) => installed.push(...packages))).toEqual([])
  expect(installed).toEqual([])
})

it('installs what is missing and believes only its own eyes', () => {
  let there = false
  const need = { ...absent, isPresent: () => there }
  const install = (packages: readonly string[]) => {
    there = packages.includes('chromium')
  }
  expect(provision([present, need], install)).toEqual([])
  expect(provision([present, absent], () => {})).toHaveLength(1)
})

it('says what to install where it cannot', () => {
  expect(provision([absent], null)).toEqual(['chromium is missing: install it (Debian: apt-get install chromium xvfb)'])
})

it('asks for a compiler only where Electron cannot be had otherwise', async () => {
  const names = (await allNeeds()).map((need) => need.name)
  expect(names).toContain('Chromium')
  expect(names.includes('A C++ compiler')).toBe(findTestElectron() === null)
})
