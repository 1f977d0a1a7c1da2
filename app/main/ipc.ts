import { ipcMain, type WebContents } from 'electron'
import {
  DESKTOP_CALL_NAMES,
  type DesktopCallName,
  type DesktopInput,
  type DesktopResult,
  followSchema,
  readDesktopInput,
} from '../../core/contract/desktop.ts'
import { callChannel, desktopChannel, FOLLOW_CHANNEL } from '../../core/contract/desktop-bridge.ts'
import { CALL_NAMES } from '../../core/contract/monitor-calls.ts'
import { toOpError } from '../../core/kernel/errors.ts'
import type { Logger } from '../../core/kernel/logger.ts'
import { answerCall } from '../../core/ports/monitor-api.ts'
import { type Asking, createAnswer, isOurPage, refusal } from './ipc-answer.ts'
import type { MonitorHost } from './monitor-host.ts'
import { pumpStream, type StreamPort } from './stream-pump.ts'

/** Streams that the page may follow at once; it needs one. */
const MOST_STREAMS = 8
/** Between messages to a window that nobody sees. */
const UNSEEN_MS = 1_000

/** The handlers of `DESKTOP_CALLS`, by name; they get parsed input and throw OpError. */
export type DesktopHandlers = {
  readonly [Name in DesktopCallName]: (input: DesktopInput<Name>) => DesktopResult<Name> | Promise<DesktopResult<Name>>
}

export interface IpcDeps {
  readonly logger: () => Logger
  /** The page of the one window; null before it exists. */
  readonly page: () => WebContents | null
  readonly host: MonitorHost
  readonly handlers: DesktopHandlers
  /** Whether the user sees the window. */
  readonly isSeen: () => boolean
}

/** Registers every channel that there is. */
export function serveIpc({ logger, page, host, handlers, isSeen }: IpcDeps): void {
  const isTrusted = (asking: Asking) => isOurPage(asking, page())
  const answer = createAnswer({ logger, isTrusted })
  for (const name of CALL_NAMES) {
    const channel = callChannel(name)
    const ask = async (input: unknown) => answerCall((await host.monitor()).calls, name, input ?? {})
    ipcMain.handle(channel, answer(channel, ask))
  }
  for (const name of DESKTOP_CALL_NAMES) {
    const channel = desktopChannel(name)
    ipcMain.handle(
      channel,
      answer(channel, (input) => answerDesktopCall(handlers, name, input ?? {})),
    )
  }
  serveStreams({ logger, host, isTrusted, isSeen })
}

async function answerDesktopCall<Name extends DesktopCallName>(
  handlers: DesktopHandlers,
  name: Name,
  input: unknown,
): Promise<DesktopResult<Name>> {
  return handlers[name](readDesktopInput(name, input))
}

interface StreamDeps extends Pick<IpcDeps, 'logger' | 'host' | 'isSeen'> {
  readonly isTrusted: (asking: Asking) => boolean
}

function serveStreams({ logger, host, isTrusted, isSeen }: StreamDeps): void {
  let open = 0
  const serve = async (port: StreamPort, input: unknown) => {
    const follow = followSchema.safeParse(input)
    if (!follow.success || open >= MOST_STREAMS) return port.close()
    open += 1
    try {
      const monitor = await host.monitor()
      await pumpStream(port, {
        open: (signal) => monitor.stream(follow.data.topics, null, signal),
        pauseMs: () => (isSeen() ? 0 : UNSEEN_MS),
        sleep: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
      })
    } catch (thrown) {
      // Why there is no monitor was said where it failed to start; the page tries again.
      const { code, message } = toOpError(thrown)
      if (host.running() !== null) logger().error(`a stream to the page broke: ${message}`, { code })
      port.close()
    } finally {
      open -= 1
    }
  }
  ipcMain.on(FOLLOW_CHANNEL, (event, input: unknown) => {
    const [port] = event.ports
    if (port === undefined) return
    if (isTrusted(event)) void serve(port, input)
    else {
      refusal(FOLLOW_CHANNEL, event, logger())
      port.close()
    }
  })
}
