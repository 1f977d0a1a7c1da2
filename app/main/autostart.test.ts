import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createAutostartEntry, createLoginItem } from './autostart.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'optrade-autostart-'))

describe('start at login', () => {
  it('is an entry of the desktop on Linux, which comes and goes', () => {
    const config = folder()
    const entry = createAutostartEntry(config, { file: '/opt/OP "Trading"/op-trading', args: ['--hidden', '100%'] })
    expect(entry.read()).toEqual({ state: 'off', detail: null })
    expect(entry.write(true)).toEqual({ state: 'on', detail: null })
    const text = readFileSync(join(config, 'autostart', 'op-trading.desktop'), 'utf8')
    expect(text).toContain('Exec="/opt/OP \\"Trading\\"/op-trading" "--hidden" "100%%"\n')
    writeFileSync(join(config, 'autostart', 'op-trading.desktop'), `${text}Hidden=true\n`)
    expect(entry.read().state).toBe('off')
    expect(entry.write(true).state).toBe('on')
    expect(entry.write(false).state).toBe('off')
  })

  it('says why it cannot be', () => {
    const config = join(folder(), 'a-file')
    writeFileSync(config, '')
    const { state, detail } = createAutostartEntry(config, { file: 'x', args: [] }).write(true)
    expect(state).toBe('unavailable')
    expect(detail).toContain(config)
  })

  it("is an item of the system's list elsewhere", () => {
    const written: unknown[] = []
    const items = {
      getLoginItemSettings: () => ({ openAtLogin: written.length > 0 }),
      setLoginItemSettings: (settings: unknown) => void written.push(settings),
    }
    const item = createLoginItem(items, { file: 'op.exe', args: ['--hidden'] })
    expect(item.read().state).toBe('off')
    expect(item.write(true).state).toBe('on')
    expect(written).toEqual([{ openAtLogin: true, path: 'op.exe', args: ['--hidden'] }])
  })
})
