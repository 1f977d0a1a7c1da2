import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

const root = join(import.meta.dirname, '..')
const FOLDERS = ['core', 'app', 'build', 'bench', 'e2e']

/** Comments that silence a tool, or promise to finish something later. */
const BANNED =
  /(?:\/\/|\/?\*+)\s*(biome-ignore|eslint-disable|eslint-enable|@ts-ignore|@ts-expect-error|@ts-nocheck|@knipignore|TODO|FIXME|XXX)\b/

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|js)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
}

function faultsOf(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, index) => {
      const match = BANNED.exec(line)
      return match === null ? [] : [`${relative(root, file)}:${index + 1}: ${match[1]}: mend the cause instead`]
    })
}

const present = new Set(readdirSync(root))
const files = FOLDERS.filter((folder) => present.has(folder)).flatMap((folder) => sourceFiles(join(root, folder)))
const faults = files.flatMap(faultsOf)
for (const fault of faults) console.error(fault)
process.exitCode = faults.length === 0 && files.length > 0 ? 0 : 1
