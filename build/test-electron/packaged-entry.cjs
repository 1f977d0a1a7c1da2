// First file of a package that is made with the Electron of the tests (build/test-electron.ts); in no release.
const { join } = require('node:path')

require(join(process.resourcesPath, 'test-runtime', 'polyfill.cjs'))
require(join(__dirname, 'index.cjs'))
