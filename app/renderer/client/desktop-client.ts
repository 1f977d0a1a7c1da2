import {
  type DesktopCallName,
  type DesktopEvent,
  type DesktopRequest,
  type DesktopResult,
  desktopEventSchema,
  envelopeSchema,
  readDesktopResult,
} from '../../../core/contract/desktop.ts'
import type { DesktopBridge } from '../../../core/contract/desktop-bridge.ts'
import { MonitorFault } from './monitor-client.ts'

/** What only the desktop window can do. */
export interface DesktopClient {
  /** Asks one call of `DESKTOP_CALLS`; rejects with MonitorFault. */
  ask<Name extends DesktopCallName>(name: Name, input: DesktopRequest<Name>): Promise<DesktopResult<Name>>
  /** Returns what ends it. */
  onEvent(listener: (event: DesktopEvent) => void): () => void
}

export function createDesktopClient(bridge: DesktopBridge): DesktopClient {
  return {
    async ask(name, input) {
      return readDesktopResult(name, opened(await bridge.desktop[name](input)))
    },
    onEvent: (listener) => bridge.onEvent((event) => listener(desktopEventSchema.parse(event))),
  }
}

/** What an answer over IPC holds; throws MonitorFault when it holds a fault. */
export function opened(answer: unknown): unknown {
  const envelope = envelopeSchema.parse(answer)
  if (envelope.ok) return envelope.value
  throw new MonitorFault(envelope.error)
}
