import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** Where the pictures of the product lie: sources drawn by hand, everything else drawn from them by build/icons.ts. */
export const ICON_FOLDER = 'resources/icons'
/** The same picture in the page. */
export const PAGE_ICON = 'app/renderer/icon.svg'

export const TRAY_STATES = ['collecting', 'degraded', 'login', 'closed', 'simulated'] as const

/** One picture to draw. */
export interface IconFile {
  /** SVG under `source`, without its ending. */
  readonly source: string
  /** Path under the folder of the icons. */
  readonly path: string
  readonly size: number
  /** Empty border, as part of the size: macOS wants air around an icon. */
  readonly border: number
}

export interface IconBundle {
  readonly path: string
  /** PNG files of which an .ico consists. */
  readonly of: readonly string[]
}

const APP_SIZES = [16, 20, 24, 32, 40, 48, 64, 128, 256, 512, 1024]
const BUNDLED_SIZES = [16, 20, 24, 32, 40, 48, 64, 256]
/** How Electron marks pictures for screens of other densities. */
const TRAY_SIZES = { '': 16, '@1.25x': 20, '@1.5x': 24, '@2x': 32, '@3x': 48 }

const appFile = (size: number) => `app/${size}x${size}.png`
const trayFiles = (state: string): IconFile[] =>
  Object.entries(TRAY_SIZES).map(([density, size]) => ({
    source: `tray-${state}`,
    path: `tray/${state}${density}.png`,
    size,
    border: 0,
  }))

export const ICONS: readonly IconFile[] = [
  ...APP_SIZES.map((size) => ({ source: 'app', path: appFile(size), size, border: 0 })),
  { source: 'app', path: 'icon-mac.png', size: 1024, border: 0.09 },
  ...TRAY_STATES.flatMap(trayFiles),
]

export const ICON_BUNDLES: readonly IconBundle[] = [
  { path: 'icon.ico', of: BUNDLED_SIZES.map(appFile) },
  ...TRAY_STATES.map((state) => ({ path: `tray/${state}.ico`, of: trayFiles(state).map((file) => file.path) })),
]

export const ICON_SOURCES: readonly string[] = [...new Set(ICONS.map((icon) => `source/${icon.source}.svg`))]

const manifestSchema = z.record(z.string(), z.string())
export const MANIFEST = 'manifest.json'

/** Git may have given an SVG file the line ends of Windows. */
const contentOf = (file: string): string | Buffer =>
  file.endsWith('.svg') ? readFileSync(file, 'utf8').replaceAll('\r\n', '\n') : readFileSync(file)

export const hashOf = (file: string): string => createHash('sha256').update(contentOf(file)).digest('hex')

/** Paths of all files of the set: what is drawn from, and what has been drawn. */
export const iconPaths = (): string[] => [
  ...ICON_SOURCES,
  ...ICONS.map((icon) => icon.path),
  ...ICON_BUNDLES.map((bundle) => bundle.path),
]

/** One sentence for each picture that is missing or not the one that was drawn from these sources. */
export function staleIcons(root: string): string[] {
  const folder = join(root, ICON_FOLDER)
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')))
  const faults = iconPaths().flatMap((path) => {
    const file = join(folder, path)
    if (!existsSync(file)) return [`${path} is missing`]
    return hashOf(file) === manifest[path] ? [] : [`${path} is out of step`]
  })
  const page = join(root, PAGE_ICON)
  if (hashOf(page) !== manifest['source/app.svg']) faults.push(`${PAGE_ICON} is not source/app.svg`)
  return faults
}
