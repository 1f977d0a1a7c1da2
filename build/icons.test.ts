import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { alertSound, SOUND_FILE } from './alert-sound.ts'
import { ICON_FOLDER, ICONS, staleIcons, TRAY_STATES } from './icon-list.ts'

const root = join(import.meta.dirname, '..')
const source = (name: string) => readFileSync(join(root, ICON_FOLDER, 'source', `${name}.svg`), 'utf8')

/** Contrast of two colours, `#rrggbb` (WCAG 2.2, relative luminance). */
function contrast(one: string, other: string): number {
  const luminance = (color: string) => {
    const parts = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
    const [red = 0, green = 0, blue = 0] = parts.map((part) =>
      part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

it('has every picture, drawn from the present sources (node build/icons.ts)', () => {
  expect(staleIcons(root)).toEqual([])
})

it('has pictures of the sizes that their names say', () => {
  for (const { path, size } of ICONS) {
    const png = readFileSync(join(root, ICON_FOLDER, path))
    expect([path, png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([path, size, size])
  }
})

it('shows each state of the tray in a colour and a shape of its own, clear on dark and light bars', () => {
  const colors = TRAY_STATES.map((state) => /fill="(#(?!ffffff)[0-9a-f]{6})"/.exec(source(`tray-${state}`))?.[1] ?? '')
  expect(new Set(colors).size).toBe(TRAY_STATES.length)
  for (const color of colors) {
    expect(contrast(color, '#202020')).toBeGreaterThanOrEqual(3)
    expect(contrast(color, '#f3f3f3')).toBeGreaterThanOrEqual(3)
  }
  const outlines = TRAY_STATES.map((state) => source(`tray-${state}`).replace(/fill="[^"]*"|<title>.*<\/title>/g, ''))
  expect(new Set(outlines).size).toBe(TRAY_STATES.length)
})

it('has the sound of an alert as it is made', () => {
  const sound = readFileSync(join(root, SOUND_FILE))
  expect(sound.equals(alertSound())).toBe(true)
  expect(sound.length).toBeLessThan(40_000)
  expect(sound.readUInt32LE(4)).toBe(sound.length - 8)
})
