// `node build/icons.ts`: draws all pictures of the product from the SVG files in resources/icons/source.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Page } from 'playwright-core'
import pngToIco from 'png-to-ico'
import { launchChromium } from './browser.ts'
import { hashOf, ICON_BUNDLES, ICON_FOLDER, ICONS, type IconFile, iconPaths, MANIFEST, PAGE_ICON } from './icon-list.ts'

const root = join(import.meta.dirname, '..')
const folder = join(root, ICON_FOLDER)

async function draw(page: Page, icon: IconFile): Promise<void> {
  const { size } = icon
  const svg = readFileSync(join(folder, 'source', `${icon.source}.svg`), 'utf8')
  const inner = Math.round(size * (1 - 2 * icon.border))
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(`<style>html, body { margin: 0; background: transparent }
    body { display: grid; place-items: center; height: 100vh } svg { width: ${inner}px; height: ${inner}px; display: block }
    </style>${svg}`)
  const file = join(folder, icon.path)
  mkdirSync(dirname(file), { recursive: true })
  await page.screenshot({ path: file, omitBackground: true })
}

const browser = await launchChromium()
try {
  const page = await browser.newPage()
  for (const icon of ICONS) await draw(page, icon)
} finally {
  await browser.close()
}
for (const bundle of ICON_BUNDLES) {
  writeFileSync(join(folder, bundle.path), await pngToIco(bundle.of.map((path) => join(folder, path))))
}
copyFileSync(join(folder, 'source', 'app.svg'), join(root, PAGE_ICON))
const hashes = Object.fromEntries(iconPaths().map((path) => [path, hashOf(join(folder, path))]))
writeFileSync(join(folder, MANIFEST), `${JSON.stringify(hashes, null, 2)}\n`)
console.log(`drew ${ICONS.length} pictures and ${ICON_BUNDLES.length} .ico files in ${ICON_FOLDER}`)
