import type { IpcMainInvokeEvent, WebContents } from 'electron'
import type { Envelope } from '../../core/contract/desktop.ts'
import { OpError, toOpError } from '../../core/kernel/errors.ts'
import type { Logger } from '../../core/kernel/logger.ts'
import { isPageUrl } from './page-files.ts'

/** Who asks: of Electron's events what is looked at. */
export type Asking = Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>

/** Whether the page of our window asks, and no other window, frame or origin. */
export function isOurPage({ sender, senderFrame }: Asking, contents: WebContents | null): boolean {
  if (contents === null || sender.id !== contents.id || senderFrame === null) return false
  return senderFrame.parent === null && isPageUrl(senderFrame.url)
}

export interface AnswerDeps {
  readonly logger: () => Logger
  readonly isTrusted: (asking: Asking) => boolean
}

/** The one way from the page into main: refuses others, and answers every fault as an envelope. */
export function createAnswer({ logger, isTrusted }: AnswerDeps) {
  return (channel: string, answer: (input: unknown) => Promise<unknown>) =>
    async (asking: Asking, input: unknown): Promise<Envelope> => {
      try {
        if (!isTrusted(asking)) throw refusal(channel, asking, logger())
        return { ok: true, value: await answer(input) }
      } catch (thrown) {
        const { code, message, hint } = toOpError(thrown)
        if (code === 'internal') logger().error(`${channel} failed: ${message}`, { code, error: thrown })
        return { ok: false, error: { code, message, hint } }
      }
    }
}

export function refusal(channel: string, { senderFrame }: Asking, logger: Logger): OpError {
  const fault = new OpError('sender_refused')
  const origin = senderFrame === null ? 'a frame that is gone' : senderFrame.url.slice(0, 200)
  logger.warning(`${channel}: ${fault.message}`, { code: fault.code, asked_by: origin })
  return fault
}
