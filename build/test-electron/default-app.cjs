// The app that this Electron starts with: `electron [-r MODULE] [--SWITCH …] FOLDER-OR-FILE [ARGUMENT …]`, as
// Electron's own default app does it.
const { existsSync, readFileSync } = require('node:fs')
const Module = require('node:module')
const { dirname, join, resolve } = require('node:path')
const { app } = require('electron')

require(join(process.resourcesPath, 'test-runtime', 'polyfill.cjs'))

function parse(args) {
  const modules = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]
    if (arg === '-r' || arg === '--require') modules.push(args[++i])
    else if (!arg.startsWith('-')) return { modules, target: resolve(arg) }
  }
  return { modules, target: null }
}

/** Name, version and folder of the app, as its package.json says. */
function introduce(target) {
  const file = join(target, 'package.json')
  if (!existsSync(file)) {
    app.setAppPath(dirname(target))
    return
  }
  const { name, productName, version, desktopName } = JSON.parse(readFileSync(file, 'utf8'))
  if (version) app.setVersion(version)
  if (productName || name) app.setName(productName || name)
  app.setDesktopName(desktopName || `${app.name}.desktop`)
  app.setPath('userData', join(app.getPath('appData'), app.name))
  app.setAppPath(target)
}

function fail(sentence) {
  process.stderr.write(`electron: ${sentence}\n`)
  process.exit(1)
}

const { modules, target } = parse(process.argv.slice(1))
if (modules.length > 0) Module._preloadModules(modules)
if (target === null) fail('which app? Give its folder.')
Object.defineProperty(process, 'defaultApp', { configurable: false, enumerable: true, value: true })
let entry
try {
  entry = Module._resolveFilename(target, null, true)
} catch {
  fail(`there is no app at ${target}`)
}
introduce(target)
Module._load(entry, Module, true)
