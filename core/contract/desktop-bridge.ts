import type { DesktopCallName } from './desktop.ts'
import type { CallName } from './monitor-calls.ts'

/**
 * What lies between main, the preload script and the page of the desktop window. Without a schema library: the preload
 * script is loaded before every page.
 */

/** The page's own origin. Another scheme, host or frame gets no answer. */
export const PAGE_SCHEME = 'app'
export const PAGE_HOST = 'optrade'
export const PAGE_ORIGIN = `${PAGE_SCHEME}://${PAGE_HOST}`

/** Names of the IPC channels. */
export const callChannel = (name: CallName) => `monitor:${name}` as const
export const desktopChannel = (name: DesktopCallName) => `desktop:${name}` as const
export const FOLLOW_CHANNEL = 'monitor:follow'
export const EVENT_CHANNEL = 'desktop:event'

/** What the page answers through the port of a stream to each message; without it no more than a few come. */
export const ACKNOWLEDGED = 'ack'
/** Last event of a stream that ended. */
export const STREAM_ENDED = 'ended'

/** The window message by which the preload script hands the page its end of a stream. */
export interface PortMessage {
  readonly optradeStream: string
}

/** `window.optrade` in the desktop window: a method each, and nothing that takes a channel. */
export interface DesktopBridge {
  readonly calls: Readonly<Record<CallName, (input: unknown) => Promise<unknown>>>
  readonly desktop: Readonly<Record<DesktopCallName, (input: unknown) => Promise<unknown>>>
  /** The port of the stream comes by a `PortMessage` with this id. */
  follow(id: string, topics: readonly string[]): void
  /** Returns what ends it. */
  onEvent(listener: (event: unknown) => void): () => void
}
