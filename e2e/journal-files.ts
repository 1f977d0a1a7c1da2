import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

const SEGMENT = /^\d+[\\/]\d{12}(?:_\d{4,})?\.log(?:\.gz)?$/

/** Lines of the journal by its documented form, `<seq> <crc> <json>`, in the order of the record, with their epoch. */
export function journalLines(dataRoot: string): readonly { readonly epoch: number; readonly line: string }[] {
  const folder = join(dataRoot, 'journal')
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => SEGMENT.test(name))
  // A segment lies there twice for the moment between compressing it and removing the raw file.
  const segments = new Map(names.map((name) => [name.replace(/\.gz$/, ''), name]))
  const inOrder = [...segments].sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : 1))
  return inOrder.flatMap(([, name]) => {
    const bytes = readFileSync(join(folder, name))
    const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
    const epoch = Number.parseInt(name, 10)
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => ({ epoch, line }))
  })
}
