import { parseArgs } from 'node:util'
import { LINK_SCHEME } from './deep-link.ts'

/** What the command line of the desktop application says. */
export interface Launch {
  /** Starts without a window, as at login. */
  readonly hidden: boolean
  /** The status area shows icons although it does not announce itself (old X11 panels). */
  readonly assumeTray: boolean
  /** Settings, by name. */
  readonly flags: Readonly<Record<string, string | undefined>>
  /** The link that the application was opened by. */
  readonly link: string | null
}

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const

/** Chromium's own switches are among the arguments: what is not ours is passed over. */
export function readLaunch(argv: readonly string[]): Launch {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { hidden: flag, 'assume-tray': flag, source: text, port: text, 'data-dir': text },
    strict: false,
    allowPositionals: true,
  })
  const textOf = (value: string | boolean | undefined) => (typeof value === 'string' ? value : undefined)
  return {
    hidden: values.hidden === true,
    assumeTray: values['assume-tray'] === true,
    flags: {
      DATA_SOURCE: textOf(values.source),
      API_PORT: textOf(values.port),
      DATA_DIR: textOf(values['data-dir']),
    },
    link: positionals.find((word) => word.startsWith(`${LINK_SCHEME}:`)) ?? null,
  }
}
