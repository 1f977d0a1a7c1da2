import { createRequire, syncBuiltinESMExports } from 'node:module'

/**
 * A process that archives the day of a rig, as the archiver does, or encrypts its archive, and is killed at its n-th call
 * of the file system: `node archive-killed.ts <root> <n> archive|encrypt`. With 0 it is not killed, and says how many calls
 * there were.
 */
const [root = '', stopAt = '0', what = ''] = process.argv.slice(2)
const require = createRequire(import.meta.url)
/** Counts from the first call of the work on: loading what does it takes hundreds. */
let calls = Number.NEGATIVE_INFINITY

/** Counts a call, and does not come back from the one that was asked for. */
function watch(module: Record<string, (...args: unknown[]) => unknown>, names: readonly string[]): void {
  for (const name of names) {
    const original = module[name]
    if (original === undefined) throw new Error(`there is no ${name}`)
    module[name] = (...args) => {
      calls += 1
      if (calls === Number(stopAt)) process.kill(process.pid, 'SIGKILL')
      return original(...args)
    }
  }
}

watch(require('node:fs'), ['createWriteStream', 'mkdirSync', 'openSync', 'rmSync', 'writeFileSync', 'writeSync'])
watch(require('node:fs/promises'), ['open', 'rename', 'rm'])
syncBuiltinESMExports()

const { archiveDeps, optionsFor } = await import('./archive-rig.ts')
const { archiveDay, encryptArchived, removeArchived } = await import('../store/archive-day.ts')
const { knownMemoryKey, memoryCipher } = await import('./memory-keyring.ts')
calls = 0
const { date } = optionsFor(root)
if (what === 'encrypt') {
  await encryptArchived(memoryCipher(root, true, knownMemoryKey()), root, date, new AbortController().signal)
} else {
  await archiveDay(archiveDeps, optionsFor(root))
  await removeArchived(root, date, null)
}
process.stdout.write(String(calls))
