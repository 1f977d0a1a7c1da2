import { type DesktopBridge, PAGE_SCHEME } from '../../../core/contract/desktop-bridge.ts'

declare global {
  interface Window {
    /** Set by the preload script of the desktop window, for its own page. */
    readonly optrade?: DesktopBridge
  }
}

/** The way to the process behind the desktop window; null in a browser. */
export function desktopBridge(): DesktopBridge | null {
  return location.protocol === `${PAGE_SCHEME}:` ? (window.optrade ?? null) : null
}
