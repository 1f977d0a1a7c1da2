import { execFile } from 'node:child_process'

const ASK_MS = 2_000

/**
 * Whether an icon in the status area will be seen. Windows and macOS always show one. On Linux a desktop that does
 * announces itself on the session bus; where it does not, closing the window must not make it unreachable.
 */
export function hasStatusArea(platform: NodeJS.Platform): Promise<boolean> {
  if (platform !== 'linux') return Promise.resolve(true)
  const question = ['--session', '--dest=org.freedesktop.DBus', '--type=method_call', '--print-reply']
  const object = ['/org/freedesktop/DBus', 'org.freedesktop.DBus.NameHasOwner', 'string:org.kde.StatusNotifierWatcher']
  return new Promise((resolve) => {
    // Without the program or a bus nobody can say: then there is none.
    execFile('dbus-send', [...question, ...object], { timeout: ASK_MS }, (fault, answer) =>
      resolve(fault === null && answer.includes('boolean true')),
    )
  })
}
