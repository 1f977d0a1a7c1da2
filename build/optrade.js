#!/usr/bin/env node
// The command line's launcher, plain JavaScript for Node 20: this Node when it is new enough, else the pinned one.
import module from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { commandLineBundle } from './bundles.js'
import { become, findRuntime, isRecent, projectRoot } from './runtime.js'

function packagesAreThere() {
  try {
    return import.meta.resolve('zod') !== ''
  } catch {
    return false
  }
}

function fail(sentence) {
  console.error(`optrade: ${sentence}`)
  process.exit(1)
}

if (!packagesAreThere()) fail(`the packages are missing; run "npm ci" in ${projectRoot}.`)
const main = commandLineBundle() ?? join(projectRoot, 'core', 'cli', 'main.ts')
if (isRecent(process.version)) {
  // Compiled code: half the time of a start. Where it cannot be written there is none.
  module.enableCompileCache?.(join(projectRoot, 'node_modules', '.cache', 'compiled'))
  await import(pathToFileURL(main))
} else {
  const runtime = findRuntime()
  if (runtime.missing !== undefined) fail(runtime.missing)
  become(runtime.path, [main, ...process.argv.slice(2)])
}
