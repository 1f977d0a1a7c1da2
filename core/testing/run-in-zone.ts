import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** What a module of TypeScript prints on a host of another time zone; it imports from the project's root. */
export async function runInZone(zone: string, script: string): Promise<string> {
  const cwd = fileURLToPath(new URL('../../', import.meta.url))
  const args = ['--input-type=module-typescript', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, env: { ...process.env, TZ: zone } })
  return stdout
}
