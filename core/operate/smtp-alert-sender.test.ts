import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { describe, expect, it } from 'vitest'
import { type AlertServer, alertSenderSuite } from '../testing/alert-sender-suite.ts'
import { anAlert } from '../testing/alert-store-suite.ts'
import { createSmtpAlertSender } from './smtp-alert-sender.ts'

const SECRET = 'T0P-mail-word'
const TO = ['trader@example.org', 'desk@example.org']

const answer = (status: number, message: string) => Object.assign(new Error(message), { responseCode: status })

interface MailServer extends AlertServer {
  readonly port: number
  /** Who has logged in, and to whom letters went. */
  readonly seen: string[]
}

async function openMail(host = '127.0.0.1'): Promise<MailServer> {
  const taken: string[] = []
  const seen: string[] = []
  let attempts = 0
  const smtp = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    onAuth(auth, _session, done) {
      seen.push(`${auth.username}:${auth.password}`)
      if (server.mood === 'never') done(new Error('Invalid user name or password'))
      else done(null, { user: auth.username })
    },
    onRcptTo(address, _session, done) {
      seen.push(address.address)
      done()
    },
    onData(stream, _session, done) {
      attempts += 1
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        if (server.mood === 'hang') return
        if (server.mood === 'later') return done(answer(451, 'Try again later'))
        taken.push(readable(Buffer.concat(parts).toString()))
        done()
      })
    },
  })
  smtp.on('error', () => {})
  smtp.listen(0, host)
  await once(smtp.server, 'listening')
  const { port } = smtp.server.address() as AddressInfo
  let isOpen = true
  const server: MailServer = {
    port,
    seen,
    mood: 'take',
    taken: () => taken,
    attempts: () => attempts,
    sender: (timeoutMs) =>
      createSmtpAlertSender({ to: TO, url: `smtp://robot%40example.org:${SECRET}@127.0.0.1:${port}`, timeoutMs }),
    async close() {
      if (!isOpen) return
      isOpen = false
      await new Promise<void>((resolve) => smtp.close(resolve))
    },
  }
  return server
}

/** Quoted-printable as the reader sees it. */
function readable(letter: string): string {
  const bytes = letter.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => `%${hex}`)
  return bytes.replace(/(%[0-9A-F]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString())
}

alertSenderSuite('e-mail', {
  open: () => openMail(),
  unconfigured: () => createSmtpAlertSender({ to: TO, url: null }),
  secret: SECRET,
})

describe('alert sender: e-mail', () => {
  it('logs in, and writes one letter to all', async () => {
    const server = await openMail()
    const sender = server.sender(10_000)
    await sender.send(anAlert('a-1'), new AbortController().signal)
    expect(server.seen).toEqual([`robot@example.org:${SECRET}`, ...TO])
    const [letter] = server.taken()
    expect(letter).toContain('From: OP Trading <robot@example.org>')
    expect(letter).toContain('Subject: OP Trading: NIFTY spot 24,060.00 rose above 24,000.00')
    expect(letter).toContain('Message-ID: <a-1@op-trading.local>')
    sender.close()
    await server.close()
  })

  it('does not send a password in the clear to another machine', async () => {
    // This machine too, but not by a name that everybody knows for it.
    const server = await openMail('127.0.0.2')
    const sender = createSmtpAlertSender({ to: TO, url: `smtp://robot:${SECRET}@127.0.0.2:${server.port}` })
    await expect(sender.send(anAlert('a-1'), new AbortController().signal)).rejects.toMatchObject({
      code: 'alert_refused',
    })
    expect(server.seen).toEqual([])
    sender.close()
    await server.close()
  })

  it.each([
    [TO, null, 'SMTP_URL is not set: there is no server to send e-mail by'],
    [null, 'smtp://127.0.0.1', 'ALERT_EMAIL_TO is not set: there is nobody to send e-mail to'],
    [[], 'smtp://127.0.0.1', 'ALERT_EMAIL_TO is not set: there is nobody to send e-mail to'],
    [null, null, 'ALERT_EMAIL_TO and SMTP_URL are not set'],
    [TO, 'smtp://127.0.0.1', null],
  ])('with readers %j and server %j says: %s', (to, url, unusable) => {
    const sender = createSmtpAlertSender({ to, url })
    expect(sender.unusable).toBe(unusable)
    sender.close()
  })
})
