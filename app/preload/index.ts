import { contextBridge, ipcRenderer } from 'electron'
import type { DesktopCallName } from '../../core/contract/desktop.ts'
import {
  callChannel,
  type DesktopBridge,
  desktopChannel,
  EVENT_CHANNEL,
  FOLLOW_CHANNEL,
  type PortMessage,
} from '../../core/contract/desktop-bridge.ts'
import type { CallName } from '../../core/contract/monitor-calls.ts'

/** The names of the contract, set by the build: the tables themselves would bring their schemas with them. */
declare const MONITOR_CALL_NAMES: readonly CallName[]
declare const DESKTOP_CALL_NAMES: readonly DesktopCallName[]

type Methods<Name extends string> = Readonly<Record<Name, (input: unknown) => Promise<unknown>>>

function methods<Name extends string>(names: readonly Name[], channelOf: (name: Name) => string): Methods<Name> {
  const ask = (name: Name) => (input: unknown) => ipcRenderer.invoke(channelOf(name), input)
  return Object.fromEntries(names.map((name) => [name, ask(name)])) as Methods<Name>
}

contextBridge.exposeInMainWorld('optrade', {
  calls: methods(MONITOR_CALL_NAMES, callChannel),
  desktop: methods(DESKTOP_CALL_NAMES, desktopChannel),
  follow(id, topics) {
    const { port1, port2 } = new MessageChannel()
    ipcRenderer.postMessage(FOLLOW_CHANNEL, { topics }, [port1])
    // A port cannot go through the bridge; a message of the window brings it to the page.
    window.postMessage({ optradeStream: id } satisfies PortMessage, '/', [port2])
  },
  onEvent(listener) {
    const hand = (_: unknown, event: unknown) => listener(event)
    ipcRenderer.on(EVENT_CHANNEL, hand)
    return () => void ipcRenderer.off(EVENT_CHANNEL, hand)
  },
} satisfies DesktopBridge)
