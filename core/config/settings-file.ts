import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { OpError } from '../kernel/errors.ts'
import { faultCode, readJsonFile } from './json-file.ts'

/** A writer needs milliseconds: a draft that lies still for this long was left by one that died. */
const ABANDONED_MS = 2_000
const LOOK_AGAIN_MS = 20

/**
 * Writes values into settings.json (null: takes them out) and keeps everything else that stands there. The file is
 * replaced as a whole (mode 600): a crash leaves the old or the new one, and writers of other processes wait for
 * each other. OpError: `settings_invalid` when the file is broken, `file_unreadable`, `file_unwritable`.
 */
export async function writeSettingsFile(path: string, changes: Readonly<Record<string, string | null>>): Promise<void> {
  const draft = `${path}.draft`
  try {
    const file = await openDraft(draft)
    replace(path, draft, file, changes)
  } catch (fault) {
    if (fault instanceof OpError) throw fault
    throw new OpError('file_unwritable', { path, reason: faultCode(fault) ?? 'unknown' }, { cause: fault })
  }
}

/** Makes the draft, which nobody else has: who holds it may write. */
async function openDraft(draft: string): Promise<number> {
  let seen = ''
  let since = performance.now()
  for (;;) {
    try {
      return openSync(draft, 'wx', 0o600)
    } catch (fault) {
      if (faultCode(fault) !== 'EEXIST') throw fault
    }
    const now = identity(draft)
    if (now !== seen) since = performance.now()
    else if (performance.now() - since > ABANDONED_MS) setAside(draft)
    seen = now
    await wait(LOOK_AGAIN_MS)
  }
}

/** Which file lies there, and when it last changed. */
function identity(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined ? '' : `${stats.ino} ${stats.mtimeMs}`
}

/** Of two that do this at once, only one finds the file. */
function setAside(draft: string): void {
  const aside = `${draft}.${randomBytes(6).toString('hex')}`
  try {
    renameSync(draft, aside)
  } catch (fault) {
    if (faultCode(fault) !== 'ENOENT') throw fault
  }
  rmSync(aside, { force: true })
}

function replace(path: string, draft: string, file: number, changes: Readonly<Record<string, string | null>>): void {
  try {
    writeFileSync(file, `${JSON.stringify(merged(path, changes), null, 2)}\n`)
    fsyncSync(file)
    // Held up for so long that another took this draft for abandoned: the file is theirs now.
    if (statSync(draft, { throwIfNoEntry: false })?.ino !== fstatSync(file).ino) {
      throw new OpError('file_unwritable', { path, reason: 'another program writes it' })
    }
    renameSync(draft, path)
  } catch (fault) {
    if (statSync(draft, { throwIfNoEntry: false })?.ino === fstatSync(file).ino) rmSync(draft, { force: true })
    throw fault
  } finally {
    closeSync(file)
  }
  syncFolder(dirname(path))
}

function merged(path: string, changes: Readonly<Record<string, string | null>>): Record<string, unknown> {
  const read = readJsonFile(path)
  const content = read === undefined ? {} : read
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new OpError('settings_invalid', { faults: `${path}: this must be one JSON object, setting by name` })
  }
  return Object.fromEntries(
    Object.entries({ ...content, ...changes }).filter(([name, value]) => !(name in changes && value === null)),
  )
}

/** Makes the new name durable. Windows does that by itself, and opens no folders. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
