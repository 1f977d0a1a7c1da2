import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** When files of a day are compressed, and how. */
export interface Finished {
  /** gzip, 1 to 9. */
  readonly level: number
  /** Whether no more legs of that trading day (`YYYY-MM-DD`) are to come. */
  readonly isOver: (date: string) => boolean
}

/**
 * Plain files of days that are over, by relative path as the checkpoint has it; with `compressed` those too that are
 * compressed and no more.
 */
export async function finishedFiles(
  folder: string,
  ending: string,
  { isOver }: Finished,
  compressed: boolean,
): Promise<string[]> {
  const days = await namesIn(join(folder, 'legs'))
  const found: string[] = []
  for (const day of days.filter(isOver).sort()) {
    const names = await namesIn(join(folder, 'legs', day))
    const plain = names.map((name) => (compressed ? name.replace(/\.gz$/, '') : name))
    const files = plain.filter((name) => name.endsWith(`.${ending}`)).map((name) => `legs/${day}/${name}`)
    found.push(...new Set(files))
  }
  return found
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && (fault.code === 'ENOENT' || fault.code === 'ENOTDIR')) return []
    throw fault
  }
}
