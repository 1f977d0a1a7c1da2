import { INDEX_NAMES, type IndexName, isIndexName } from '../domain/index-catalog.ts'
import { OpError } from '../kernel/errors.ts'

/** Name of an index from a path, in any case. */
export function indexOf(text: string): IndexName {
  const name = text.toUpperCase()
  if (!isIndexName(name)) throw new OpError('index_unknown', { index: text, known: INDEX_NAMES.join(', ') })
  return name
}
