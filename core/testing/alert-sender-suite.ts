import { afterEach, describe, expect, it } from 'vitest'
import { markSimulated } from '../contract/alert-words.ts'
import type { AlertSender } from '../ports/alert-sender.ts'
import { anAlert } from './alert-store-suite.ts'
import { eventually } from './eventually.ts'

/** What a server does with what it gets. `later`: refuses it for now; `never`: for good; `hang`: does not answer. */
export type ServerMood = 'take' | 'later' | 'never' | 'hang'

export interface AlertServer {
  /** Everything that it has taken, as text. */
  taken(): readonly string[]
  /** Attempts that it has met so far. */
  attempts(): number
  mood: ServerMood
  sender(timeoutMs: number): AlertSender
  close(): Promise<void>
}

export interface SenderRig {
  open(): Promise<AlertServer>
  unconfigured(): AlertSender
  /** A text in the configuration that no message may show. */
  readonly secret: string
}

const LONG_MS = 10_000

/** What every `AlertSender` does, against a real server. */
export function alertSenderSuite(name: string, rig: SenderRig): void {
  describe(`alert sender: ${name}`, () => {
    const opened: { close(): Promise<void> | void }[] = []
    const start = async (timeoutMs = LONG_MS) => {
      const server = await rig.open()
      const sender = server.sender(timeoutMs)
      opened.push(server, sender)
      return { server, sender }
    }
    afterEach(async () => {
      for (const one of opened.splice(0).reverse()) await one.close()
    })
    const never = new AbortController().signal
    const faultOf = (sender: AlertSender, signal = never): Promise<unknown> =>
      sender.send(anAlert('a-1'), signal).then(
        () => expect.fail('it was sent'),
        (fault: unknown) => fault,
      )

    it('delivers what happened, to which rule, and that it was simulated', async () => {
      const { server, sender } = await start()
      expect(sender.unusable).toBeNull()
      const simulated = { simulated: true, message: markSimulated('NIFTY spot ₹1 rose', true) }
      await sender.send(anAlert('a-1'), never)
      await sender.send(anAlert('a-2', simulated), never)
      const [first, second] = server.taken()
      for (const part of ['a-1', 'Spot above', 'NIFTY spot 24,060.00 rose above 24,000.00'])
        expect(first).toContain(part)
      expect(first).not.toContain('SIMULATED')
      expect(second).toContain('SIMULATED: NIFTY spot ₹1 rose')
    })

    it('tells what may pass from what will not, in one sentence without secrets', async () => {
      const { server, sender } = await start()
      server.mood = 'later'
      const passing = await faultOf(sender)
      server.mood = 'never'
      const final = await faultOf(sender)
      expect(passing).toMatchObject({ code: 'alert_undelivered' })
      expect(final).toMatchObject({ code: 'alert_refused' })
      for (const fault of [passing, final]) {
        expect(String(fault)).not.toContain(rig.secret)
        expect(String(fault)).not.toContain('\n')
      }
      expect(server.taken()).toEqual([])
      server.mood = 'take'
      await sender.send(anAlert('a-1'), never)
      expect(server.taken()).toHaveLength(1)
    })

    it('gives up on a server that does not answer', async () => {
      const { server, sender } = await start(150)
      server.mood = 'hang'
      const fault = await faultOf(sender)
      expect(fault).toMatchObject({ code: 'alert_undelivered' })
      expect(String(fault)).toContain('took longer than 0.15 s')
    })

    it('gives up on a server that is not there', async () => {
      const { server, sender } = await start()
      await server.close()
      const fault = await faultOf(sender)
      expect(fault).toMatchObject({ code: 'alert_undelivered' })
      expect(String(fault)).not.toContain(rig.secret)
    })

    it('ends when it is told to', async () => {
      const { server, sender } = await start()
      server.mood = 'hang'
      const stopping = new AbortController()
      const ended = faultOf(sender, stopping.signal)
      await eventually(() => expect(server.attempts()).toBeGreaterThan(0))
      stopping.abort()
      expect(await ended).toMatchObject({ code: 'alert_undelivered' })
    })

    it('says why it cannot be used, and refuses', async () => {
      const sender = rig.unconfigured()
      opened.push(sender)
      expect(sender.unusable).toMatch(/is not set|are not set/)
      expect(await faultOf(sender)).toMatchObject({ code: 'alert_refused' })
    })
  })
}
